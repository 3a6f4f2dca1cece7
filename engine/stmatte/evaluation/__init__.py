# SPDX-License-Identifier: Apache-2.0
"""How good mattes are: measures, benchmark folders, floors to beat, tables.

Networks are handed in as a `Method`. Only `plain` and `ablations`, which compare networks and
their parts, know any.
"""

from stmatte.evaluation.davis import Davis, DavisSequence, open_davis
from stmatte.evaluation.davis16 import evaluate, evaluate_labels
from stmatte.evaluation.davis17 import evaluate17, evaluate_davis
from stmatte.evaluation.floors import FLOORS, Matte, Method, copy_first, dis_flow
from stmatte.evaluation.metrics import boundary_map, f_measure, jaccard
from stmatte.evaluation.report import Report, Row, as_csv, as_table, write_csv
from stmatte.evaluation.running import Progress
from stmatte.evaluation.scoring import score
from stmatte.evaluation.statistics import Statistics
from stmatte.evaluation.tasks import LabelMethod, Task, one_object

__all__ = [
    "FLOORS",
    "Davis",
    "DavisSequence",
    "LabelMethod",
    "Matte",
    "Method",
    "Progress",
    "Report",
    "Row",
    "Statistics",
    "Task",
    "as_csv",
    "as_table",
    "boundary_map",
    "copy_first",
    "dis_flow",
    "evaluate",
    "evaluate17",
    "evaluate_davis",
    "evaluate_labels",
    "f_measure",
    "jaccard",
    "one_object",
    "open_davis",
    "score",
    "write_csv",
]
