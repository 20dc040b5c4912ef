"""Files as netCDF4 reads them, with the numbers as they are stored."""

import netCDF4


def stored(path):
    """Open a file."""
    return _as_stored(netCDF4.Dataset(path))


async def answered(unit, address):
    """Ask a unit for a file, and open it."""
    answer = await unit.get(address)
    body = await answer.read()
    assert answer.status == 200, body
    return _as_stored(netCDF4.Dataset("memory", memory=body))


def _as_stored(file):
    file.set_auto_maskandscale(False)
    return file
