"""What this room says when it cannot do something, and its actions in the record of changes."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "runs.reason_missing": Label(zh="采纳或不采纳都要写明理由", en="A reason is needed to accept or decline"),
    "runs.failed": Label(
        zh="这次运算没有得出结果，不能采纳；改参数后可再运算。{error}",
        en="This run came to no result and cannot be decided on; change the parameters and run it again. {error}",
    ),
    "runs.decided": Label(
        zh="这次运算的提议已有决定，每次只决定一回；可另行运算",
        en="This proposal was decided already, and is decided once; run the analysis again for another",
    ),
    "kernel.not_evaluable": Label(
        zh="定义里的条件“{what}”不能用在这里，其余功能不受影响；改正场景包的定义后可用",
        en="The declared condition “{what}” cannot be used here, all else is unaffected; mend the pack's declaration",
    ),
}
ACTIONS = {
    "ran": Label(zh="运算", en="Ran"),
    "accepted": Label(zh="采纳", en="Accepted"),
    "declined": Label(zh="不采纳", en="Declined"),
}
