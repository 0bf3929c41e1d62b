"""The sentences of the command line itself, by code."""

from __future__ import annotations

from xiuhua.kernel.words import Label

PROBLEMS = {
    "site.not_a_node": Label(
        zh="目录 {data} 里已是一个中心站点，不能改作街镇节点；换一个 --data 目录",
        en="The folder {data} holds a site that is no node; name another one with --data",
    ),
    "site.not_prepared": Label(
        zh="站点准备未完成，记录在 {log}；已完成的步骤保留，解决后重新执行 xiuhua up 会接着做",
        en="The site was not made ready; the log is {log}. What was done stands: mend this, and xiuhua up goes on",
    ),
    "site.no_engine": Label(
        zh="没有名为 {name} 的算法；现有：{names}", en="There is no engine {name}; there are: {names}"
    ),
    "site.no_sources": Label(
        zh="{folder} 里没有项目源码；test 只能在项目目录中运行",
        en="{folder} does not hold the project's sources; test runs only in the project's folder",
    ),
}
