"""The sentences of the command line itself, by code."""

from __future__ import annotations

from xiuhua.kernel.words import Label

PROBLEMS = {
    "site.not_prepared": Label(
        zh="站点准备未完成，记录在 {log}；站点数据保持原样，解决后重新执行 xiuhua up",
        en="The site was not made ready; the log is {log}. Its data is as it was: mend this and run xiuhua up again",
    ),
    "site.no_sources": Label(
        zh="{folder} 里没有项目源码；test 只能在项目目录中运行",
        en="{folder} does not hold the project's sources; test runs only in the project's folder",
    ),
}
