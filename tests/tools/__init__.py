"""Migration tools themselves, at pinned versions, run on the servers of the tests."""

from importlib import import_module
from pkgutil import iter_modules

from tests.tools.tool import Tool

NOT_TOOLS = {"deployment", "installation", "report", "tool", "witness"}
TOOLS: dict[str, Tool] = {
    tool.framework: tool
    for module in iter_modules(__path__)
    if module.name not in NOT_TOOLS
    for tool in [import_module(f"{__name__}.{module.name}").TOOL]
}
