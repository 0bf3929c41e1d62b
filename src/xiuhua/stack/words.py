"""The sentences of this room, by code."""

from __future__ import annotations

from xiuhua.kernel.words import Label

PROBLEMS = {
    "stack.setting": Label(
        zh="设置 {variable} 的值“{value}”不能用；可用值：{allowed}",
        en="The setting {variable} cannot be “{value}”; it may be: {allowed}",
    ),
    "stack.already_running": Label(
        zh="数据目录 {data} 正由另一个 xiuhua up 使用（进程 {pid}）；先停下它，或用 --data 另选目录",
        en="The data folder {data} is in use by another xiuhua up (process {pid}); stop that one, "
        "or choose another folder with --data",
    ),
    "stack.port_busy": Label(
        zh="端口 {port} 已被占用（{by}）；换一个端口：{option} {next}",
        en="Port {port} is in use ({by}); choose another: {option} {next}",
    ),
    "stack.port_twice": Label(
        zh="{option} 与 {other} 不能用同一个端口 {port}；给其中一个另选端口",
        en="{option} and {other} cannot both be port {port}; choose another for one of them",
    ),
    "stack.port_refused": Label(
        zh="当前用户无权使用端口 {port}（1024 以下归 root）；换一个端口：{option} {next}，80 和 443 由反向代理转来",
        en="The present user may not open port {port} (those below 1024 are root's); choose another: {option} {next}, "
        "and have a proxy pass on 80 and 443",
    ),
    "stack.address_unknown": Label(
        zh="本机没有地址 {address}（{option} {port}）；改正 --address 或 XIUHUA_MQTT_ADDRESS",
        en="This machine has no address {address} ({option} {port}); correct --address or XIUHUA_MQTT_ADDRESS",
    ),
    "stack.old_postgres": Label(
        zh="XIUHUA_DATABASE_URL 的服务器是 PostgreSQL {found}，需要 {least} 或更新的版本；没有改动任何数据，"
        "升级该服务器，或去掉此变量改用自带的",
        en="The server of XIUHUA_DATABASE_URL is PostgreSQL {found}, and {least} or newer is needed; nothing was "
        "changed: upgrade that server, or unset the variable to use the one that Xiuhua brings",
    ),
    "stack.database_silent": Label(
        zh="连不上 XIUHUA_DATABASE_URL 的服务器：{problem}；没有改动任何数据，核对地址、用户和密码",
        en="The server of XIUHUA_DATABASE_URL does not let us in: {problem}. Nothing was changed; check host, user and "
        "password",
    ),
    "stack.not_started": Label(
        zh="{part} 未能启动，记录在 {log}：\n{tail}",
        en="{part} did not start; its log is {log}:\n{tail}",
    ),
    "stack.no_user_tool": Label(
        zh="以 root 运行时 PostgreSQL 需要自己的系统用户，但本机没有 useradd；改用普通用户运行",
        en="As root PostgreSQL needs an OS user of its own, and this machine has no useradd; run as an ordinary user",
    ),
    "stack.not_running": Label(
        zh="站点没有运行；先执行 xiuhua up（数据目录 {data}）",
        en="The site is not running; start it with xiuhua up (data folder {data})",
    ),
    "stack.no_data": Label(
        zh="数据目录 {data} 里没有站点；先执行 xiuhua up，或用 --data 指明目录",
        en="There is no site in the data folder {data}; run xiuhua up first, or name the folder with --data",
    ),
    "stack.restore_cut_off": Label(
        zh="{data} 中有一次未完成的恢复；清空此目录后重新执行 restore",
        en="A restore into {data} was cut off; empty that folder and run restore again",
    ),
    "stack.newer_server": Label(
        zh="{data} 由 PostgreSQL {found} 写成，本版本带的是 {have}；用写它的版本做 backup，再用本版本 restore",
        en="{data} was written by PostgreSQL {found}, this version brings {have}; "
        "make a backup with the version that wrote it and restore that",
    ),
    "stack.is_a_folder": Label(zh="{path} 是一个目录；写明其中的一个文件", en="{path} is a folder; name a file in it"),
    "stack.bucket_missing": Label(
        zh="没有存储桶 {bucket}；先建立它，或改正 XIUHUA_FILES_URL",
        en="There is no bucket {bucket}; make it first, or correct XIUHUA_FILES_URL",
    ),
    "stack.bucket_refused": Label(
        zh="存储桶 {bucket} 拒绝了访问（{problem}）；核对 XIUHUA_FILES_KEY 与 XIUHUA_FILES_SECRET 及其权限",
        en="The bucket {bucket} refused us ({problem}); check XIUHUA_FILES_KEY, XIUHUA_FILES_SECRET and their rights",
    ),
    "stack.bucket_silent": Label(
        zh="存储桶 {bucket} 没有应答（{problem}）；核对 XIUHUA_FILES_URL 与该服务器，其余功能不受影响",
        en="The bucket {bucket} does not answer ({problem}); check XIUHUA_FILES_URL and that server. All else goes on",
    ),
    "stack.bucket_damaged": Label(
        zh="存入存储桶 {bucket} 的文件 {name} 读回后内容不同，未保存；重试，仍如此则检查该服务器",
        en="The file {name} came back from the bucket {bucket} otherwise than it was sent and was not kept; try again, "
        "and look at that server if it stays so",
    ),
    "stack.no_folder": Label(
        zh="没有目录 {folder}，写不了 {path}；先建立它，或换一个位置",
        en="There is no folder {folder}, so {path} cannot be written; make it first, or name another place",
    ),
    "stack.path_not_there": Label(
        zh="没有 {path}；核对路径后重试", en="{path} is not there; check the path and try again"
    ),
    "stack.path_refused": Label(
        zh="当前用户无权读写 {path}；换一个位置，或授予权限后重试",
        en="The present user may not read or write {path}; name another place, or grant the right and try again",
    ),
    "stack.disk_full": Label(
        zh="磁盘已满，写不了 {path}；腾出空间后重试", en="The disk is full at {path}; make room and try again"
    ),
    "stack.system_failed": Label(
        zh="系统拒绝了对 {path} 的操作（{problem}）；解决后重试",
        en="The system refused what was asked of {path} ({problem}); mend that and try again",
    ),
    "backup.target_exists": Label(zh="{file} 已存在；换一个文件名", en="{file} exists already; name another file"),
    "backup.not_empty": Label(
        zh="{what} 不是空的；restore 只写入空目录、空数据库，用 --data 指明一个新目录",
        en="{what} is not empty; restore writes only into an empty folder and database: name a new one with --data",
    ),
    "backup.damaged": Label(
        zh="备份文件 {file} 不完整或已改动（{what}）；没有写入任何东西，请换一份备份",
        en="The backup {file} is incomplete or was changed ({what}); nothing was written: use another backup",
    ),
    "backup.not_paused": Label(
        zh="运行中的站点 {seconds} 秒内没有停下写入；没有写出备份，用 xiuhua status 查看各进程",
        en="The running site did not hold its writers within {seconds} s; no backup was written: see xiuhua status",
    ),
    "backup.failed": Label(zh="{tool} 未完成：{tail}", en="{tool} was not done: {tail}"),
    "backup.counts_differ": Label(
        zh="恢复出的行数与备份清单不一致（{tables}）；数据目录未启用",
        en="The restored rows differ from the backup's list ({tables}); the folder was not put to use",
    ),
}
