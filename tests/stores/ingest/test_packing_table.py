import numpy as np

from core.packing import Packing
from stores.ingest.packing_table import PackingTable

HALF, TENTH = (Packing(dtype="i2", scale=np.float32(scale)) for scale in (0.5, 0.1))


def test_equal_packings_are_kept_once_in_whatever_order_of_names():
    table = PackingTable([{"so": HALF, "zos": TENTH}])
    assert table.index({"zos": TENTH, "so": HALF}) == 0
    assert table.index({"so": HALF}) == 1
    assert list(table) == [{"so": HALF, "zos": TENTH}, {"so": HALF}]


def test_scales_of_another_type_are_another_packing():
    table = PackingTable([{"so": HALF}])
    assert table.index({"so": Packing(dtype="i2", scale=np.float64(0.5))}) == 1


def test_what_several_files_give_has_the_packing_of_each():
    table = PackingTable([{"so": HALF, "zos": HALF}, {"so": TENTH, "thetao": TENTH}])
    joined = table.joined([(0, frozenset({"zos"})), (1, frozenset({"so", "name"}))])
    assert table[joined] == {"so": TENTH, "zos": HALF}
    assert table.joined([(0, frozenset({"so", "zos"}))]) == 0
