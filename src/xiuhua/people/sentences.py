"""The words of this room: its errors' sentences and the names of its actions."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "people.not_visible": Label(
        zh="没有这一项，或不在您的查看范围", en="There is no such item within what you may see"
    ),
    "people.act_not_allowed": Label(
        zh="您的岗位没有这项权限（{act}）；由管理员授予后可继续",
        en="Your post does not have this right ({act}); an administrator can grant it",
    ),
    "act:see": Label(zh="查看", en="see"),
    "act:edit_objects": Label(zh="编辑台账", en="edit registers"),
    "act:import": Label(zh="导入", en="import"),
    "act:export": Label(zh="导出", en="export"),
    "act:open_case": Label(zh="立案", en="open cases"),
    "act:handle_alarm": Label(zh="处置告警", en="handle alarms"),
    "act:tune_rules": Label(zh="调整规则", en="change rules"),
    "act:run_analysis": Label(zh="运行分析", en="run analyses"),
    "act:accept_proposal": Label(zh="采纳建议", en="accept proposals"),
    "act:manage_users": Label(zh="管理用户", en="manage people"),
    "act:manage_settings": Label(zh="管理设置", en="manage settings"),
    "act:audit": Label(zh="审计留痕", en="audit"),
    "people.wrong_password": Label(
        zh="用户名或密码不对；核对后重试，忘记密码由管理员重设",
        en="User name or password is wrong; check and try again, or have an administrator set a new password",
    ),
    "people.too_many": Label(
        zh="登录失败次数过多，{minutes} 分钟后可再试；其他人登录不受影响",
        en="Too many failed sign-ins; try again in {minutes} minutes. Others can still sign in",
    ),
    "people.weak_password": Label(
        zh="密码不够安全：至少 {length} 位，不能是常见密码，也不能与用户名相近",
        en="The password is too weak: at least {length} characters, not a common one, not like the user name",
    ),
    "people.username_taken": Label(
        zh="用户名 {username} 已有人使用，另选一个", en="The user name {username} is taken; choose another"
    ),
    "people.bad_username": Label(
        zh="用户名 {username} 不合要求：2 至 40 个字母、数字、点、横线或下划线",
        en="The user name {username} cannot be taken: 2 to 40 letters, digits, dots, dashes or underscores",
    ),
    "people.no_user": Label(zh="没有用户 {user}，或不归您管理", en="There is no user {user} among those you manage"),
    "people.no_area": Label(zh="没有代码为 {area} 的区域", en="There is no area with the code {area}"),
    "people.no_unit": Label(zh="没有代码为 {unit} 的单位", en="There is no unit with the code {unit}"),
    "people.no_post": Label(zh="没有名为 {post} 的岗位", en="There is no post {post}"),
    "people.post_handles_no_alarm": Label(
        zh="岗位 {post} 不能处置告警，不能排入值班表；换一个岗位",
        en="The post {post} may not handle alarms and cannot be on duty for them; choose another post",
    ),
    "people.shift_days": Label(
        zh="日期类型 {given} 不能用；可选 {known}", en="There are no days {given}; choose {known}"
    ),
    "people.shift_numbers": Label(
        zh="次序须为 1 至 {steps}，确认时限须为 1 至 {minutes} 分钟",
        en="The step must be 1 to {steps}, the time to confirm 1 to {minutes} minutes",
    ),
    "people.shift_dates": Label(zh="截止日期早于开始日期", en="The last day lies before the first"),
    "people.shift_times": Label(
        zh="起止时间按北京时间填写，不带时区", en="Times of day are those of Beijing; give them without a zone"
    ),
    "people.no_holding": Label(
        zh="该用户在此没有这个岗位，无需撤销", en="The user does not hold this post there; nothing to revoke"
    ),
    "people.already_held": Label(zh="该用户已在此任这个岗位", en="The user already holds this post there"),
    "people.more_than_own": Label(
        zh="不能授予自己没有的权限：{post}", en="You cannot grant rights that you do not have: {post}"
    ),
    "people.needs_holding": Label(
        zh="新用户至少要有一个在您管理范围内的岗位", en="A new user needs at least one post within what you manage"
    ),
    "people.bad_language": Label(
        zh="没有语言 {language}；可选 zh 或 en", en="There is no language {language}; choose zh or en"
    ),
    "people.too_many_tables": Label(
        zh="最多为 {most} 张列表留住列的排法；先把不用的恢复原样",
        en="Columns are kept for at most {most} lists; set one you no longer need back first",
    ),
    "people.last_administrator": Label(
        zh="这是最后一个可用的管理员，先指定另一个管理员再停用",
        en="This is the last active administrator; appoint another one first",
    ),
    "people.area_file_unreadable": Label(
        zh="文件 {file} 读不出图层；需要 GeoJSON、GeoPackage 或 Shapefile（.shp 或 .zip）",
        en="No layer can be read from {file}; it must be GeoJSON, GeoPackage or Shapefile (.shp or .zip)",
    ),
    "people.area_crs_unknown": Label(
        zh="文件 {file} 没有注明坐标系；用 --crs 指明，例如 --crs 4490 或 --crs gcj02",
        en="{file} does not name its coordinate system; give --crs, for example --crs 4490 or --crs gcj02",
    ),
    "people.area_crs_wrong": Label(
        zh="不认识坐标系 {crs}；用 EPSG 编号、gcj02 或 bd09",
        en="The coordinate system {crs} is unknown; use an EPSG number, gcj02 or bd09",
    ),
    "people.area_file_wrong": Label(
        zh="文件 {file} 有 {count} 处不合要求，未导入任何区域：\n{lines}",
        en="{file} has {count} faults; no area was changed:\n{lines}",
    ),
    "people.area_no_column": Label(zh="文件里没有列 {column}", en="The file has no column {column}"),
    "people.area_unknown": Label(
        zh="代码或名称不在区划表中；核对，或用 --column 指明所在列",
        en="No area has this code or name; check it, or name the column with --column",
    ),
    "people.area_twice": Label(
        zh="与第 {row} 行是同一区域，合并为一个面", en="The same area as row {row}; merge the two shapes"
    ),
    "people.area_no_polygon": Label(zh="没有面状图形", en="There is no polygon"),
    "people.area_invalid": Label(
        zh="图形无效（{reason}），修复后再导入", en="The shape is not valid ({reason}); repair it and import again"
    ),
    "people.area_elsewhere": Label(
        zh="图形超出本区范围；核对坐标系（--crs）",
        en="The shape lies outside the district; check the coordinate system (--crs)",
    ),
}

ACTIONS = {
    "signed_in": Label(zh="登录", en="Signed in"),
    "signed_out": Label(zh="退出", en="Signed out"),
    "sign_in_failed": Label(zh="登录失败", en="Sign-in failed"),
    "granted": Label(zh="授予岗位", en="Post granted"),
    "revoked": Label(zh="撤销岗位", en="Post revoked"),
    "password_set": Label(zh="设置密码", en="Password set"),
    "activated": Label(zh="启用", en="Activated"),
    "deactivated": Label(zh="停用", en="Deactivated"),
    "administrator_set": Label(zh="设置管理员", en="Administrator set"),
    "renamed": Label(zh="改名", en="Renamed"),
    "put_on_duty": Label(zh="排入值班表", en="Put on the roster"),
    "taken_off_duty": Label(zh="移出值班表", en="Taken off the roster"),
    "columns_chosen": Label(zh="调整列表的列", en="Columns arranged"),
    "language_chosen": Label(zh="选择语言", en="Language chosen"),
}
