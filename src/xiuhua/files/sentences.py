"""What this room says when it cannot do something."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "files.too_large": Label(
        zh="文件“{name}”超过 {limit_mb} MB，未保存；压缩或分开后再传",
        en="“{name}” is larger than {limit_mb} MB and was not kept; make it smaller or split it",
    ),
    "files.empty": Label(zh="文件“{name}”是空的，未保存", en="“{name}” is empty and was not kept"),
    "files.not_allowed": Label(
        zh="文件“{name}”的内容不是可用的类型，未保存；可用：JPEG、PNG、WebP、HEIC 照片，PDF、Word、Excel，MP4，纯文本",
        en="The content of “{name}” is of no allowed kind and was not kept; allowed: JPEG, PNG, WebP and HEIC photos, "
        "PDF, Word, Excel, MP4, plain text",
    ),
    "files.gone": Label(
        zh="文件已不在存放处，其余内容不受影响；可从备份恢复。摘要 {hash}",
        en="The file is no longer where it was kept, all else is unaffected; restore it from a backup. Hash {hash}",
    ),
    "files.damaged": Label(
        zh="文件内容与存入时不一致，不予显示；可从备份恢复。摘要 {hash}",
        en="The file is not what was stored and is not shown; restore it from a backup. Hash {hash}",
    ),
}
