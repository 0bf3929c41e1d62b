"""The words of this room."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "ledger.owned_elsewhere": Label(
        zh="由“{node}”办理，交来之前这里只能查看；请在该处办理，或由其交来",
        en="“{node}” owns this, and here it can only be read until it is handed over; do it there or have it released",
    ),
    "ledger.no_transaction": Label(
        zh="历史只能在改动的事务内记录", en="History is written only inside the transaction of the change"
    ),
    "ledger.row_changed": Label(
        zh="历史记录 {id}（链上第 {seq} 位）被改动；现内容：{at} {actor} {action} {entity} {entity_id}",
        en="History row {id} (seal {seq}) was changed; it now says: {at} {actor} {action} {entity} {entity_id}",
    ),
    "ledger.row_gone": Label(
        zh="历史记录 {id}（链上第 {seq} 位）被删除", en="History row {id} (seal {seq}) was deleted"
    ),
    "ledger.seal_changed": Label(
        zh="封签 {seq}（历史记录 {id}）与前一封签不相接",
        en="Seal {seq} (history row {id}) does not follow from the one before",
    ),
    "ledger.seals_gone": Label(zh="封签 {first} 至 {last} 不见了", en="Seals {first} to {last} are gone"),
    "ledger.tail_cut": Label(
        zh="链尾被截：{at} 签署时有 {seq} 位，现只有 {last} 位，少 {missing} 位",
        en="The tail was cut: {seq} seals were signed at {at}, {last} are left, {missing} are missing",
    ),
    "ledger.rewritten": Label(
        zh="链被重写：封签 {first} 至 {last} 之间与 {at} 签署的链头不符",
        en="The chain was rewritten: between seals {first} and {last} it differs from the head signed at {at}",
    ),
    "ledger.head_forged": Label(
        zh="链头文件第 {line} 行读不出，或不是本站签署",
        en="Line {line} of the heads file is unreadable or not signed by this site",
    ),
    "ledger.unsealed": Label(
        zh="{count} 条历史记录超过一分钟未封签，最早的是 {id}；封签程序未在运行",
        en="{count} history rows have had no seal for over a minute, the first is {id}; the sealer is not running",
    ),
    "ledger.no_head": Label(
        zh="有 {sealed} 位封签，却没有任何签署过的链头", en="There are {sealed} seals but no signed head at all"
    ),
    "ledger.heads_gone": Label(
        zh="本站签署过链头，现在 audit/heads.jsonl 里一个也没有，无从判断 {sealed} 位封签是否被整链重写；"
        "放回另存的 heads.jsonl 再核验（副本也丢失时，删去 secrets/audit_key 才会重新开始签署）",
        en="Heads were signed here, and audit/heads.jsonl now holds none, so {sealed} seals cannot be told from a "
        "chain that was rewritten as a whole: put your copy of heads.jsonl back and verify again (if that is lost as "
        "well, signing begins anew once secrets/audit_key is deleted)",
    ),
    "ledger.counts": Label(
        zh="历史记录 {rows} 条，已封签 {sealed} 条，链头 {heads} 个",
        en="{rows} history rows, {sealed} sealed, {heads} signed heads",
    ),
    "ledger.clean": Label(zh="未发现改动", en="Nothing was tampered with"),
    "ledger.findings": Label(zh="发现 {count} 处问题", en="{count} findings"),
}
