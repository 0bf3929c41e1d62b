"""The sentences of this room's failures."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "catalog.unknown": Label(zh="没有名为 {id} 的定义", en="Nothing is declared as {id}"),
    "catalog.pack_id": Label(
        zh="场景包编号 {id} 不合要求：用小写英文字母、数字和下划线，以字母开头",
        en="{id} cannot be a pack id: lower-case letters, digits and underscores, letters first",
    ),
    "catalog.pack_exists": Label(
        zh="文件夹 {folder} 已存在，没有改动；换一个编号或先移走它",
        en="The folder {folder} is already there and was left as it is; take another id or move it away",
    ),
}
