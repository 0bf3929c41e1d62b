"""The words of this room: its errors' sentences."""

from __future__ import annotations

from xiuhua.kernel.words import Label

SENTENCES = {
    "objects.invalid": Label(
        zh="有 {count} 处不合要求，未保存；逐项改正后再提交",
        en="{count} values cannot be taken and nothing was saved; correct them and send again",
    ),
    "objects.changed": Label(
        zh="{by} 刚改过这一件，本次修改未保存；核对后再提交",
        en="{by} changed this meanwhile and your changes were not saved; compare and send again",
    ),
    "objects.code_taken": Label(
        zh="编号 {object_code} 已有同类对象使用；换一个编号",
        en="Another thing of this type bears the code {object_code}; choose another",
    ),
    "objects.in_use": Label(
        zh="还有 {count} 件关联着 {object_code}，未移除；先解除关联",
        en="{count} things link to {object_code}, so it was not removed; unlink them first",
    ),
    "objects.overlap": Label(
        zh="与 {other} 在 {target} 上的有效期重叠，未保存；改正日期或先终止另一件",
        en="Overlaps with {other} on {target}, nothing was saved; correct the period or end the other first",
    ),
    "objects.bulk_refused": Label(
        zh="所选中有 {count} 件不能这样改，一件也没有改；取消选中它们后再试",
        en="{count} of those chosen cannot be changed so, and none was; untick them and try again",
    ),
    "objects.too_many_chosen": Label(
        zh="一次最多选 {limit} 件，已选 {count} 件；分次进行",
        en="Up to {limit} can be chosen at once, not {count}; do it in parts",
    ),
    "objects.export_short": Label(
        zh="所选中有 {count} 件已移除或不在导出范围，未导出；刷新后重新选",
        en="{count} of those chosen are gone or not yours to export, so nothing was; reload and choose again",
    ),
    "objects.not_yours": Label(
        zh="这一件位于{place}，不在管理范围，未保存",
        en="This thing lies in {place}, outside your area; nothing was saved",
    ),
    "objects.masked": Label(
        zh="不能按 {attribute} 筛选或排序：它的取值对当前岗位保密",
        en="Rows cannot be chosen by {attribute}: your post may not read it",
    ),
    "objects.masked_write": Label(
        zh="{attribute} 对当前岗位保密，未保存；去掉这一项后再提交",
        en="{attribute} is hidden from your post, nothing was saved; leave it out and send again",
    ),
    "objects.no_attribute": Label(
        zh="{type} 没有名为 {attribute} 的属性",
        en="{type} has no attribute {attribute}",
    ),
    "objects.filter_needs_type": Label(
        zh="按属性筛选或排序时须先选定类型",
        en="Choose a type before filtering or sorting by an attribute",
    ),
    "objects.no_sort": Label(
        zh="不能按 {sort} 排序",
        en="Rows cannot be sorted by {sort}",
    ),
    "objects.bad_filter": Label(
        zh="{attribute} 的筛选条件无法读取",
        en="The filter on {attribute} cannot be read",
    ),
    "objects.bad_box": Label(
        zh="地图范围应为 西,南,东,北 四个数",
        en="The box must be four numbers: west,south,east,north",
    ),
    "objects.empty_file": Label(
        zh="文件里没有数据；核对后重新上传",
        en="The file holds no data; check it and upload again",
    ),
    "objects.too_large": Label(
        zh="文件超过 {megabytes} MB，未接收；拆分后分次导入",
        en="The file is over {megabytes} MB and was not taken; split it",
    ),
    "objects.too_large_unpacked": Label(
        zh="压缩文件展开后超过 {megabytes} MB，未接收；拆分后分次导入",
        en="The archive unpacks to over {megabytes} MB and was not taken; split it",
    ),
    "objects.too_many_rows": Label(
        zh="一次最多导入 {rows} 行、{columns} 列；拆分后分次导入",
        en="One import takes up to {rows} rows and {columns} columns; split the file",
    ),
    "objects.too_many_cells": Label(
        zh="工作表的范围超过 {cells} 格，多半有散落的空白格；删去后重新上传",
        en="The sheet reaches over {cells} cells, often by a stray one far out; delete it and upload again",
    ),
    "objects.wrong_ending": Label(
        zh="{filename} 的内容是 {found}，与文件名不符，未接收；改正文件名后重新上传",
        en="{filename} holds {found}, which its name denies; correct the name and upload again",
    ),
    "objects.macros": Label(
        zh="工作簿含有宏，未接收；另存为不含宏的 .xlsx 后重新上传",
        en="The workbook holds macros and was not taken; save it as .xlsx without them",
    ),
    "objects.old_workbook": Label(
        zh="旧版 .xls 无法读取；另存为 .xlsx 后重新上传",
        en="Old .xls workbooks are not read; save it as .xlsx",
    ),
    "objects.unknown_file": Label(
        zh="认不出文件的格式；可导入 CSV、XLSX、GeoJSON、GeoPackage 和压缩的 Shapefile",
        en="The format is not known; CSV, XLSX, GeoJSON, GeoPackage and zipped Shapefile can be imported",
    ),
    "objects.unreadable_file": Label(
        zh="文件已损坏或不完整，未接收；从原软件重新导出",
        en="The file is damaged or not whole; export it again from where it came",
    ),
    "objects.unknown_encoding": Label(
        zh="认不出文字编码；另存为 UTF-8 后重新上传",
        en="The text encoding is not known; save the file as UTF-8",
    ),
    "objects.no_features": Label(
        zh="GeoJSON 应为 FeatureCollection；从原软件重新导出",
        en="The GeoJSON must be a FeatureCollection; export it again",
    ),
    "objects.no_sheet": Label(
        zh="没有名为 {sheet} 的工作表或图层；可选：{sheets}",
        en="There is no sheet or layer {sheet}; there are: {sheets}",
    ),
    "objects.no_column": Label(
        zh="文件中没有 {column} 这一列",
        en="The file has no column {column}",
    ),
    "objects.no_target": Label(
        zh="{type} 没有 {target} 这一项可对应",
        en="{type} has nothing called {target} to map a column to",
    ),
    "objects.mapped_twice": Label(
        zh="{one} 与 {other} 两列都对应到 {target}；只留一列",
        en="{one} and {other} are both mapped to {target}; keep one",
    ),
    "objects.code_unmapped": Label(
        zh="还没有指定编号是哪一列；指定后可预览",
        en="No column is mapped to the code yet; choose one to preview",
    ),
    "objects.half_mapped": Label(
        zh="经度、纬度须同时指定",
        en="Longitude and latitude must both be mapped",
    ),
    "objects.crs_needed": Label(
        zh="文件没有说明坐标系；选定后可预览",
        en="The file does not say its coordinate system; choose one to preview",
    ),
    "objects.crs_unknown": Label(
        zh="没有名为 {crs} 的坐标系；可填 CGCS2000、WGS84、GCJ-02、BD-09 或 EPSG 编号",
        en="There is no coordinate system {crs}; CGCS2000, WGS84, GCJ-02, BD-09 or an EPSG number can be given",
    ),
    "objects.no_repair": Label(
        zh="没有这种修正：{repair}；从预览列出的修正中选",
        en="There is no such repair: {repair}; choose one that the preview offers",
    ),
    "objects.import_begun": Label(
        zh="这次导入已经开始或结束；需要时重新上传",
        en="This import has begun or ended; upload the file again if needed",
    ),
    "objects.import_not_previewed": Label(
        zh="导入前须先预览",
        en="An import must be previewed first",
    ),
    "objects.rows_wrong": Label(
        zh="有 {count} 处错误，未写入；改正文件，或选择只导入正确的行",
        en="{count} problems, nothing was written; correct the file or take the good rows only",
    ),
    "objects.column_wrong": Label(
        zh="“{column}”整列不能导入，未写入；取消这一列的对应后重试",
        en="The column {column} cannot be imported, nothing was written; unmap it and try again",
    ),
    "objects.not_done": Label(
        zh="这次导入没有写入，或已撤销，没有可撤销的",
        en="This import wrote nothing or was undone already; there is nothing to undo",
    ),
    "objects.undo_begun": Label(
        zh="这次导入正在撤销；到导入结果页看进度",
        en="This import is being undone already; its page shows how far that is",
    ),
    "objects.undo_interrupted": Label(
        zh="撤销多次中断，未撤销任何数据；可再试",
        en="The undo was interrupted several times and undid nothing; it can be tried again",
    ),
    "objects.undo_failed": Label(
        zh="撤销未完成，未撤销任何数据；详情见日志，可再试",
        en="The undo failed and undid nothing; details are in the log, it can be tried again",
    ),
    "objects.undo_overlap": Label(
        zh="原来的有效期与导入之后写入的重叠，未撤销；先改后来的有效期",
        en="A former period overlaps one written since, nothing was undone; change the later period first",
    ),
    "objects.undo_changed": Label(
        zh="有 {count} 件在导入之后又改过或移除了，未撤销：{codes}；先处理这几件，或逐件改回",
        en="{count} were changed or removed since, nothing was undone: {codes}; change single ones back by hand",
    ),
    "objects.undo_linked": Label(
        zh="有 {count} 件已被别的对象关联，未撤销：{codes}；先解除关联",
        en="Others link to {count} of them, nothing was undone: {codes}; unlink them first",
    ),
    "objects.undo_elsewhere": Label(
        zh="有 {count} 件已不在管理范围，未撤销：{codes}；由区级岗位撤销",
        en="{count} lie outside your area now, nothing was undone: {codes}; have a district post undo it",
    ),
    "objects.undo_lost_end": Label(
        zh="有 {count} 件原来关联的对象已移除，未撤销：{codes}；逐件改回",
        en="{count} were linked to things that are gone, nothing was undone: {codes}; change them back by hand",
    ),
    "objects.overlap_meanwhile": Label(
        zh="期间有人写入了重叠的有效期，本次导入未写入；重新预览后再导入",
        en="Someone wrote an overlapping period meanwhile, nothing was imported; preview again",
    ),
    "objects.import_interrupted": Label(
        zh="导入多次中断，未写入任何数据；重新上传后可再试",
        en="The import was interrupted several times and wrote nothing; upload the file again",
    ),
    "objects.import_failed": Label(
        zh="导入未完成，未写入任何数据；详情见日志，可重新上传再试",
        en="The import failed and wrote nothing; details are in the log, the file can be uploaded again",
    ),
    "objects.no_rejected": Label(
        zh="这次导入没有被拒绝的行",
        en="This import has no rejected rows",
    ),
    "objects.bad_format": Label(
        zh="不能导出为 {format}；可选 csv、xlsx、geojson、gpkg、shp",
        en="There is no export as {format}; csv, xlsx, geojson, gpkg and shp are",
    ),
    "objects.no_shape_format": Label(
        zh="这一类型没有位置，不能导出为 {format}；可选 csv、xlsx",
        en="This type has no geometry and cannot be exported as {format}; choose csv or xlsx",
    ),
    "objects.text_too_long_for_shp": Label(
        zh="“{column}”有文字超过 {bytes} 字节，Shapefile 放不下；可导出为 GeoPackage",
        en="{column} holds text over {bytes} bytes, which a Shapefile cannot keep; export a GeoPackage",
    ),
}
