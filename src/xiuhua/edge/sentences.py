"""What this room says when it cannot do something, and its actions in the record of changes."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "edge.administrators_only": Label(zh="节点由管理员管理", en="Nodes are for administrators"),
    "edge.not_a_town": Label(
        zh="{town} 不是街镇代码；从街镇中选择", en="{town} is no code of a town; choose one of the towns"
    ),
    "edge.town_has_node": Label(
        zh="该街镇已有节点 {node}；先停用它再新建", en="The town has the node {node} already; revoke it first"
    ),
    "edge.why_missing": Label(zh="请写明原因", en="Say why"),
    "edge.revoked_before": Label(zh="节点已停用", en="The node was revoked before"),
    "edge.key_refused": Label(
        zh="节点密钥无效或已停用；请在中心核对“节点”页",
        en="The node's key is wrong or revoked; look at the page “Nodes” at the centre",
    ),
    "edge.other_era": Label(
        zh="节点的数据库不是先前上传的那一个（已还原或重建）；在中心停用此节点后另建密钥",
        en="The node's database is not the one that handed up before (restored or made anew); revoke this node at the "
        "centre and make a new key",
    ),
    "edge.gap": Label(
        zh="上传次序有缺：应从第 {expected} 项起，来的是第 {got} 项",
        en="Items are missing: number {expected} is next, {got} came",
    ),
    "edge.item_unreadable": Label(
        zh="第 {position} 项不能读取：{problem}", en="Item {position} cannot be read: {problem}"
    ),
    "edge.file_differs": Label(
        zh="文件内容与其校验值 {hash} 不符；重新上传", en="The file is not what its hash {hash} says; send it again"
    ),
    "edge.file_too_large": Label(zh="文件超过 {limit} 字节", en="The file has more than {limit} bytes"),
    "edge.no_part": Label(zh="没有名为 {part} 的部分", en="There is no part {part}"),
    "edge.no_edge": Label(zh="本站点不是街镇节点", en="This site is no town's node"),
    "edge.kept_at_centre": Label(
        zh="这里是街镇节点（{town}），台账、规则、人员和轮次在中心修改，随后自动下发；请到中心办理",
        en="This is a town's node ({town}): registers, rules, people and rounds are changed at the centre "
        "and come down by themselves; do it there",
    ),
    "edge.released_before": Label(zh="案件已交给中心", en="The case was handed to the centre before"),
    "edge.copy_clash": Label(
        zh="本节点的账号“{username}”与中心下发的同名；改掉本节点账号的名字",
        en="The account “{username}” of this node has the name of one from the centre; rename the node's own",
    ),
}
ACTIONS = {
    "revoked": Label(zh="停用", en="Revoked"),
    "released": Label(zh="交给中心", en="Handed to the centre"),
    "taken_over": Label(zh="接管", en="Taken over"),
    "laid": Label(zh="接收下发", en="Copy taken"),
}
