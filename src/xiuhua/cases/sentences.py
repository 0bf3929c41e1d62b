"""What this room says when it cannot do something, and its actions in the record of changes."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "cases.other_post": Label(zh="由{post}办理", en="This is for the post: {post_en}"),
    "cases.other_unit": Label(
        zh="由{unit}的{post}办理", en="This is for the post {post_en} of the unit in charge: {unit}"
    ),
    "cases.handler_may_not_verify": Label(
        zh="您处置过这个案件，须由另一人核查", en="You handled this case; somebody else has to verify it"
    ),
    "cases.post_may_not_open": Label(
        zh="这类案件由以下岗位立案：{posts}", en="Cases of this type are opened by the posts: {posts_en}"
    ),
    "cases.moved_on": Label(
        zh="{by}已先一步办理，案件现为“{state_zh}”，您这一步未执行；刷新后再决定",
        en="{by} was faster: the case is now “{state_en}” and your step was not made; reload and decide again",
    ),
    "cases.needs_missing": Label(
        zh="这一步还缺：{needs_zh}；补齐后再提交", en="This step still needs: {needs_en}; add them and submit again"
    ),
    "cases.unit_missing": Label(
        zh="这一步要指定承办单位；选择单位后再提交",
        en="This step names the unit in charge; choose one and submit again",
    ),
    "cases.unknown_unit": Label(
        zh="没有代码为 {unit} 的单位；从单位列表中选择", en="There is no unit {unit}; choose one from the list"
    ),
    "cases.wrong_object": Label(
        zh="这类案件要立在规定类型的设施上（{on}）；选择一个设施后再立案",
        en="A case of this type stands on a thing of type {on}; choose one and open it again",
    ),
    "cases.outside": Label(
        zh="所选位置（{lon}，{lat}）不在本区范围内；在区内另选一点",
        en="The place ({lon}, {lat}) lies outside the district; choose a point inside it",
    ),
    "cases.place_missing": Label(
        zh="立案要有位置或设施；在地图上选一点，或选择设施", en="A case needs a place or a thing; choose one of them"
    ),
    "cases.too_many_rows": Label(
        zh="一次最多为 {limit} 行立案，现选了 {count} 行；分批办理",
        en="At most {limit} rows at a time, {count} are chosen; do it in parts",
    ),
    "cases.closed": Label(
        zh="案件 {number} 已办结，不再添加材料", en="Case {number} is closed and takes no more evidence"
    ),
    "cases.not_a_photo": Label(
        zh="“{need_zh}”要照片，文件“{name}”的内容不是照片；换一张照片再传",
        en="“{need_en}” asks for a photo and “{name}” is none; choose a photo",
    ),
    "cases.unknown_need": Label(
        zh="这类案件没有名为 {need} 的材料要求；从案件页的要求中选择",
        en="No step of this case asks for {need}; choose one of the needs on its page",
    ),
    "cases.no_alarm": Label(zh="没有这条告警：{id}", en="There is no such alarm: {id}"),
    "cases.unknown_sort": Label(
        zh="不能按 {sort} 排序；可用：{sorts}", en="Cannot sort by {sort}; use one of: {sorts}"
    ),
    "catalog.calendar_wrong": Label(
        zh="工作日历文件 {file} 读不出来：{problem}；改正文件后时限自动补算",
        en="The calendar file {file} cannot be read: {problem}; mend it and the limits are computed by themselves",
    ),
    "working_time.calendar_missing": Label(
        zh="还没有 {year} 年的放假安排，这项时限暂不能计算；更新程序或放入该年的日历文件后自动补算",
        en="The holidays of {year} are not known yet, so this limit has no due time; it is computed once the program "
        "is updated or that year's calendar file is there",
    ),
    "cases.not_synthetic": Label(
        zh="来源“{origin}”不是合成数据，不能整批清除",
        en="“{origin}” is no synthetic origin and is not cleared as a whole",
    ),
    "cases.no_round": Label(
        zh="这项分析（{analysis}）的结果不形成检查轮次", en="This analysis ({analysis}) proposes no round"
    ),
    "cases.round_empty": Label(
        zh="没有符合条件的对象，轮次未建立；换一个区域，或先核对台账",
        en="Nothing meets the condition, so no round was made; choose another area or check the register",
    ),
    "cases.rows_refused": Label(
        zh="所选中有 {count} 件不能由您的岗位立案，一件也没有立；取消选中它们后再试",
        en="Your post may not open a case on {count} of those chosen, and none was opened; untick them and try again",
    ),
    "cases.round_closed": Label(
        zh="轮次“{title}”已结束，不能再改", en="The round “{title}” is closed and stays as it is"
    ),
    "cases.item_filled": Label(
        zh="{thing} 已有人填报，以先填的为准；刷新后查看",
        en="{thing} was filled in already, and that stands; reload to see it",
    ),
    "cases.form_undecided": Label(
        zh="填报的内容还不足以判定是否合格；补全与判定有关的项目后再提交",
        en="What is filled in does not decide whether it passes; complete the fields the verdict rests on",
    ),
    "cases.round_unfinished": Label(
        zh="还有 {left} 项未检（共 {total} 项），抽样未完不能判定；检完后再结束",
        en="{left} of {total} items are not inspected yet, so the sample cannot be judged; finish them first",
    ),
    "cases.judge_failed": Label(
        zh="分析 {analysis} 未能判定结果（{problem}），轮次保持开放；改正场景包后再结束",
        en="The analysis {analysis} could not judge ({problem}); the round stays open until the pack is mended",
    ),
}
ACTIONS = {
    "joined": Label(zh="并入告警", en="Alarm joined"),
    "evidence_added": Label(zh="添加材料", en="Evidence added"),
    "at_risk": Label(zh="临期", en="At risk"),
    "overdue": Label(zh="超期", en="Overdue"),
    "filled": Label(zh="填报", en="Filled in"),
}
