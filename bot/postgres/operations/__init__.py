"""An operation is one thing that a statement asks of PostgreSQL, free of syntax.

Each family is a module; the module of the same name in `bot.postgres.effects` says what its
operations do.
"""

from bot.postgres.operations.base import *
from bot.postgres.operations.columns import *
from bot.postgres.operations.composites import *
from bot.postgres.operations.constraints import *
from bot.postgres.operations.domains import *
from bot.postgres.operations.enums import *
from bot.postgres.operations.indexes import *
from bot.postgres.operations.maintenance import *
from bot.postgres.operations.partitions import *
from bot.postgres.operations.queries import *
from bot.postgres.operations.servers import *
from bot.postgres.operations.session import *
from bot.postgres.operations.tables import *
from bot.postgres.operations.views import *
