// The HTTP contract under /api as types. Times are ISO 8601 UTC; dates YYYY-MM-DD; names as the server sends them.
export interface Label { zh: string; en: string }
export interface SourceNote { standard: string; edition: string; clause: string; confirmed: boolean }
export interface Page<T> { items: T[]; total: number; page: number; size: number }      // query: page, size

// --- people ---------------------------------------------------------------------------------------------------
export interface Me { code: string; username: string; name: string; language: string; administrator: boolean;
  holdings: Holding[]; acts: string[] }        // acts: union of Act values over all grants (all, for an administrator)
export interface Holding { post: string; post_label: Label; unit: string; unit_name: string; area: string; area_name: string; area_path: string; own_unit_only: boolean }
// POST /session {username,password} -> Me (401 people.wrong_password; 429 after 5 failures) ; GET /session -> Me | 401 ; DELETE /session -> 204
// PATCH /session {language} -> Me
export interface AreaRow { code: string; name: string; name_en: string; level: "district"|"town"|"community"|"grid"; parent: string|null; path: string; synthetic_geometry: boolean; has_geometry: boolean }
// GET /areas?level=&parent= -> AreaRow[] (all areas are public facts) ; GET /areas.geojson?level=town -> FeatureCollection(properties: code,name,level,synthetic)
export interface UnitRow { code: string; name: string; name_en: string; kind: string; area: string }
// GET /units -> UnitRow[]
export interface UserRow { code: string; username: string; name: string; active: boolean; administrator: boolean; holdings: Holding[] }
// GET /users -> UserRow[] (manage_users) ; POST /users ; PATCH /users/{code}

// --- catalog --------------------------------------------------------------------------------------------------
export interface AttributeDef { id: string; label: Label; value: "text"|"long_text"|"number"|"integer"|"boolean"|"date"|"time"|"choice"; unit: string; choices: {id:string;label:Label}[]; required: boolean; written_by: string[]; privacy: string; minimum: number|null; maximum: number|null; pattern: string; listed: boolean; help: Label|null; source: SourceNote|null }
export interface LinkDef { id: string; label: Label; to: string; relation: string; many: boolean; required: boolean }
export interface StreamDef { id: string; label: Label; reports: string; unit: string; cadence_seconds: number; silent_after_seconds: number }
export interface ObjectTypeDef { id: string; pack: string; label: Label; geometry: "none"|"point"|"line"|"polygon"; icon: string; period: boolean; attributes: AttributeDef[]; links: LinkDef[]; streams: StreamDef[]; schema: object /* JSON Schema */ }
export interface StateDef { id: string; label: Label; kind: "open"|"done"|"void"; step: string; owner: string; limit: string|null; source: SourceNote|null; handling: boolean; verifying: boolean }
export interface MoveDef { id: string; label: Label; at: string; to: string; who: string; needs: {id:string;label:Label;kind:"reason"|"photo"|"file"}[]; fields: AttributeDef[]; assigns: boolean }
export interface CaseTypeDef { id: string; pack: string; label: Label; on: string; danger: boolean; states: StateDef[]; moves: MoveDef[]; fields: AttributeDef[] }
export interface RuleDef { id: string; pack: string; label: Label; type: string; stream: string; condition: string; grade: number; opens: string; source: SourceNote }
export interface IndicatorDef { id: string; pack: string; label: Label; meaning: Label; measure: string; subject: string; of: string; unit: string; version: number; source: SourceNote|null }
export interface AnalysisDef { id: string; pack: string; label: Label; of: string; parameters: AttributeDef[]; round: string; version: string; source: SourceNote }
export interface RoundDef { id: string; pack: string; label: Label; of: string; form: AttributeDef[]; who: string; limit: string; source: SourceNote|null }
export interface PackDef { id: string; title: Label; tasks: number[]; verified: boolean }
export interface FaultRow { pack: string; where: string; code: string; message: Label; file: string; line: number }
export interface CatalogueView { packs: PackDef[]; object_types: ObjectTypeDef[]; case_types: CaseTypeDef[]; rules: RuleDef[]; indicators: IndicatorDef[]; analyses: AnalysisDef[]; rounds: RoundDef[]; posts: {id:string;label:Label}[]; faults: FaultRow[] }
// GET /catalog -> CatalogueView

// --- objects (registers) --------------------------------------------------------------------------------------
export interface ObjectRow { id: string; type: string; code: string; name: string; attributes: Record<string, string|number|boolean|null>; area_path: string; area_name: string; unit_code: string; unit_name: string; lon: number|null; lat: number|null; valid_from: string|null; valid_to: string|null; origin: string; updated_at: string; version: number; masked: string[] /* attribute ids hidden by privacy */ }
export interface ObjectDetail extends ObjectRow { geometry: object|null; links: {link:string;label:Label;direction:"out"|"in";id:string;type:string;code:string;name:string}[]; may_edit: boolean }
// GET /objects?type=&q=&area=(path prefix)&unit=&sort=code|-code|name|updated_at|attr.<id>&filter=<json {attr: value}>&page&size -> Page<ObjectRow>
// GET /objects/counts -> {type: string; count: number}[]
// GET /objects.geojson?type=&area=&bbox=w,s,e,n&limit=20000 -> FeatureCollection(properties: id,type,code,name)
// GET /objects/search?q= -> ObjectRow[] (20 best over all types)
// GET /objects/{id} -> ObjectDetail ; GET /objects/{id}/history -> HistoryRow[]
// POST /objects {type,code,name,attributes,geometry(GeoJSON|null),links:{link:[code]},unit_code?,valid_from?,valid_to?} -> ObjectDetail
// PATCH /objects/{id} {version,name?,attributes?,geometry?,links?,unit_code?,valid_from?,valid_to?} -> ObjectDetail (409 objects.changed {by,at,theirs})
// GET /objects/export?type=&format=csv|xlsx|geojson|gpkg|shp&(same filters) -> file
export interface HistoryRow { id: number; at: string; actor: string; actor_name: string; action: string; action_label: Label; why: string; data: Record<string, unknown> }
export interface ImportView { id: string; type: string; filename: string; columns: string[]; sheets: string[]; sheet: string; crs: string; crs_known: boolean; rows: number;
  mapping: { column: string; to: string /* "", "code","name","lon","lat","wkt","area","unit","valid_from","valid_to","attr.<id>","link.<id>" */; confidence: number; ground: Label }[];
  sample: Record<string,string>[]; state: "uploaded"|"previewed"|"running"|"done"|"failed"; progress: number; counts: ImportCounts|null; errors: ImportError[]; errors_total: number; error_kinds: {code:string;label:Label;count:number}[]; sample_geojson: object|null; result_rejected: boolean }
export interface ImportCounts { rows: number; added: number; changed: number; unchanged: number; wrong: number; gone: number /* codes in the register that the file lacks */ }
export interface ImportError { row: number; column: string; value: string; code: string; problem: Label; why: Label; remedy: Label }
// POST /imports multipart(file,type,[sheet]) -> ImportView ; GET /imports/{id} ; POST /imports/{id}/preview {mapping:{column:to},crs,sheet} -> ImportView
// POST /imports/{id}/apply {keep_good:boolean} -> ImportView (state running; poll GET until done) ; GET /imports/{id}/rejected -> csv

// --- readings -------------------------------------------------------------------------------------------------
export interface AlarmRow { id: string; rule: string; rule_label: Label; grade: number; object_id: string; object_type: string; object_code: string; object_name: string; state: "raised"|"acknowledged"|"shelved"|"cleared"|"closed"; raised_at: string; last_at: string; count: number; value: number|null; code: string; why: Label /* one sentence */; area_path: string; area_name: string; unit_code: string; unit_name: string; lon: number|null; lat: number|null; case_id: string|null; case_number: string|null; shelved_until: string|null; source: SourceNote; origin: string }
// case_number: left null by readings (room below cases)
// GET /alarms?state=standing|closed|<state>&grade=&area=&type=&object=&q=&page&size -> Page<AlarmRow> (gravest first, then oldest unacknowledged)
// GET /alarms/counts -> {grades: {"1":n,"2":n,"3":n,"4":n}; unacknowledged: n} ; GET /alarms.geojson ; GET /alarms/{id} -> AlarmRow ; GET /alarms/{id}/history -> HistoryRow[]
// POST /alarms/{id}/acknowledge {} ; /shelve {until,why} ; /close {why} ; /to-case {} -> AlarmRow
export interface StreamRow { id: number; stream: string; label: Label; unit: string; object_id: string; at: string|null; value: number|null; code: string; quality: number; fresh: boolean; silent_at: string|null }
// GET /objects/{id}/streams -> StreamRow[]   (in readings' router) ; GET /readings?datastream=&from=&to=&limit= -> {at:string;value:number|null;code:string;quality:number}[]
// GET /devices/health -> {total:number; fresh:number; silent:number; never:number}

// --- cases ----------------------------------------------------------------------------------------------------
export interface ClockView { clock: string; label: Label; started_at: string; due_at: string|null; at_risk_at: string|null; stopped_at: string|null; paused_at: string|null; kept: boolean|null; overdue: boolean; at_risk: boolean; working_time: boolean; limit: string; source: SourceNote|null; fault: string }
export interface CaseRow { id: string; number: string; type: string; type_label: Label; title: string; state: string; state_label: Label; step: string; kind: "open"|"done"|"void"; grade: number|null; danger: boolean; area_path: string; area_name: string; unit_code: string; unit_name: string; object_id: string|null; object_code: string; lon: number|null; lat: number|null; opened_at: string; closed_at: string|null; due_at: string|null; at_risk_at: string|null; paused: boolean; source: string; origin: string; mine: boolean; version: number }
export interface AllowedMove { id: string; label: Label; to: string; to_label: Label; allowed: boolean; reason: Label|null /* why locked */; needs: {id:string;label:Label;kind:string;met:boolean}[]; fields: AttributeDef[]; assigns: boolean; primary: boolean }
export interface EvidenceRow { id: number; need: string; name: string; media_type: string; size: number; hash: string; added_by: string; added_at: string; state: string; url: string }
export interface CaseDetail extends CaseRow { description: string; fields: Record<string,unknown>; alarm_id: string|null; object_name: string; object_type: string; moves: AllowedMove[]; clocks: ClockView[]; evidence: EvidenceRow[]; why_here: Label[]; steps: {step:string;label:Label;state:"done"|"now"|"ahead"}[]; handled_by: string }
// GET /cases?kind=open|done|void|all&mine=&type=&state=&area=&unit=&object=&q=&at=risk|overdue&sort=time_left|-opened_at&page&size -> Page<CaseRow> (default order: danger, overdue, time left, paused last)
// GET /cases/counts -> {open:n; at_risk:n; overdue:n; mine:n; opened_today:n; closed_today:n; by_type:{type:string;open:n;overdue:n}[]; by_town:{area_path:string;open:n;overdue:n;lon,lat}[]}
// GET /cases.geojson?kind=open (properties: id,number,title,overdue) ; GET /cases/{id} -> CaseDetail ; GET /cases/{id}/history -> HistoryRow[]
// POST /cases {type,object_id?,title?,description?,fields?,lon?,lat?,unit_code?} -> CaseDetail
// POST /cases/{id}/moves/{move} {version,reason?,fields?,unit_code?} -> CaseDetail (409 cases.moved_on {by,at,state}; 422 cases.needs_missing {needs}; 403 cases.handler_may_not_verify)
// POST /cases/{id}/evidence multipart(file,need) -> EvidenceRow ; GET /cases/{id}/evidence/{evidence_id} -> file
// POST /rounds/{round}/start {area,run_id?} ; POST /runs/{id}/accept {why} is in runs; POST /rounds/from-run/{run_id} {why} -> RoundView
export interface RoundView { id: string; round: string; label: Label; title: string; area_path: string; area_name: string; opened_at: string; due_at: string|null; closed_at: string|null; outcome: ""|"accepted"|"rejected"; figures: Record<string, number|string|boolean>; total: number; filled: number; defects: number; run_id: string|null }
export interface RoundItemView { id: string; object_id: string; object_code: string; object_name: string; form: Record<string,unknown>; passes: boolean|null; filled_at: string|null; filled_by: string; case_id: string|null }
// GET /rounds?round=&area=&open= -> Page<RoundView> ; GET /rounds/{id} -> RoundView & {items: RoundItemView[]} ; POST /rounds/{id}/items/{item} {form} -> RoundItemView ; POST /rounds/{id}/close {} -> RoundView

// --- runs -----------------------------------------------------------------------------------------------------
export interface RunView { id: string; analysis: string; label: Label; version: string; revision: string; area_path: string; area_name: string; input_count: number; input_hash: string; parameters: Record<string,unknown>; seed: number; state: "done"|"failed"; figures: Record<string, number|string|boolean>; chosen: string[]; reasons: Record<string, Label>; notes: Label[]; error: string; started_by: string; started_at: string; decision: ""|"accepted"|"declined"; decided_by: string; decided_at: string|null; decided_why: string; source: SourceNote }
// POST /analyses/{id}/runs {area,parameters,seed?} -> RunView ; GET /runs?analysis=&area= -> Page<RunView> ; GET /runs/{id} -> RunView
// POST /runs/{id}/decline {why} -> RunView ; (acceptance of a proposal that makes a round: POST /rounds/from-run/{run_id} in cases)

// --- indicators -----------------------------------------------------------------------------------------------
export interface IndicatorView { id: string; label: Label; meaning: Label; unit: string; measure: string; version: number; value: number|null; numerator: number|null; denominator: number|null; at: string|null; stale: boolean; value_id: number|null; source: SourceNote|null; of: string; subject: string }
// value of a share is 0..1; page shows percent. value null = no data.
// GET /indicators/{id}?area=&unit= -> IndicatorView ; GET /indicators/{id}/trend?months=24 -> {at:string;value:number|null;numerator:number|null;denominator:number|null;version:number;value_id:number}[]
// GET /indicators/{id}/by-area -> {area_path,area_name,value,numerator,denominator}[] (level town) ; /by-unit -> {unit_code,unit_name,value,numerator,denominator}[]
export interface IndicatorRow { thing: string /* id */; subject: "object"|"case"|"item"; code: string; name: string; area_path: string; area_name: string; unit_code: string; unit_name: string; at: string|null; value: number|null; weight: number|null; passes: boolean|null; reason: Label|null /* which condition failed, in words */; cases: {id:string;number:string;state_label:Label;due_at:string|null}[] }
// GET /indicators/{id}/rows?passes=true|false&area=&unit=&value_id=(rows as they were)&page&size -> Page<IndicatorRow>
// GET /indicators/{id}/export?format=csv|xlsx&passes=&area= ; POST /indicators/{id}/recompute -> IndicatorView

// --- plans ----------------------------------------------------------------------------------------------------
export type Result = "met"|"short"|"no_data"|"not_built"|"no_figure";
export interface TargetView { id: string; label: Label; indicator: string; bound: ""|"≥"|">"|"≤"|"="; figure: number|null; unit: string; due: string; printed: boolean; read_as: boolean; result: Result; value: number|null; numerator: number|null; denominator: number|null; gap: number|null; gap_things: number|null; at: string|null; missing_pack: string|null; trend: (number|null)[] }
export interface TaskRow { no: string /* "1".."39","S1".."S3" */; theme: string; title: Label; pack: string; pack_built: boolean; result: Result; met: number; short: number; no_data: number; not_built: number; targets: TargetView[] }
export interface ThemeView { id: string; title: Label; tasks: TaskRow[] }
export interface PlanView { id: string; title: Label; document: string; issued: string; themes: ThemeView[]; counts: {met:number;short:number;no_data:number;not_built:number;no_figure:number} /* tasks */; gaps: {task:string;target:TargetView}[] /* largest first */ }
export interface TaskView extends TaskRow { text: string /* the plan's own words, Chinese */; leads: {name:string;role:string}[]; theme_title: Label; case_types: string[]; object_types: string[]; indicators: string[]; towns: {area_path:string;area_name:string;values:Record<string,{value:number|null;numerator:number|null;denominator:number|null}>}[]; sources: SourceNote[] }
// GET /plan -> PlanView ; GET /plan/tasks/{no} -> TaskView ; GET /cockpit -> {plan: PlanView}

// --- live -----------------------------------------------------------------------------------------------------
// GET /live -> text/event-stream; events: event: change, data: {"topic":"case.moved","id":"...","area_path":"...","at":"..."} ; only what the actor may see; heartbeat comment every 15 s.
// --- ledger ---------------------------------------------------------------------------------------------------
// GET /audit?entity=&entity_id=&actor=&page&size -> Page<HistoryRow & {entity,entity_id,sealed:boolean}> (needs act audit)

// --- answers without a name of their own in the contract --------------------------------------------------------
export interface AlarmCounts { grades: Record<'1' | '2' | '3' | '4', number>; unacknowledged: number }
export interface CaseCounts { open: number; at_risk: number; overdue: number; mine: number; opened_today: number; closed_today: number; by_type: { type: string; open: number; overdue: number }[]; by_town: { area_path: string; open: number; overdue: number; lon: number; lat: number }[] }
export interface DeviceHealth { total: number; fresh: number; silent: number; never: number }
export interface Reading { at: string; value: number | null; code: string; quality: number }
export interface TrendPoint { at: string; value: number | null; numerator: number | null; denominator: number | null; version: number; value_id: number }
export interface AreaFigure { area_path: string; area_name: string; value: number | null; numerator: number | null; denominator: number | null }
export interface UnitFigure { unit_code: string; unit_name: string; value: number | null; numerator: number | null; denominator: number | null }
export interface ObjectCount { type: string; count: number }
export interface CockpitView { plan: PlanView }
export interface LiveChange { topic: string; id: string; area_path: string; at: string }
export interface Problem { type: string; title: string; status: number; code: string; params: Record<string, unknown>; request: string }
