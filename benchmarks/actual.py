"""The same rows imported by Actual Budget, where node and its package can be had.

Its import is told apart as ours is: matching on, categories and payees made. It runs in a budget
of its own on this machine, without a server.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from benchmarks.figures import rate, show
from tests.prove.ground import Ground

_PACKAGE = "@actual-app/api"
_INSTALL_SECONDS = 300
_RUN_SECONDS = 1800
_MOST_ROWS = 100_000
_SCRIPT = """
const api = require('@actual-app/api');
(async () => {
  const [rows, data] = [Number(process.argv[2]), process.argv[3]];
  await api.init({ dataDir: data });
  await api.runImport('bench', async () => {});
  const account = await api.createAccount({ name: 'Bulk', type: 'checking' }, 0);
  const shops = ['Daily Basket', 'Kopper Coffee', 'Cityline Transit', 'Forestway Fuel',
    'Willow Clothing', 'Sundew Pharmacy', 'Trattoria Luna'];
  const list = [];
  for (let i = 0; i < rows; i++) {
    const day = new Date(Date.now() - Math.floor(i * 730 / rows) * 86400000);
    list.push({ account, date: day.toISOString().slice(0, 10), amount: -((i * 7919) % 25000 + 101),
      payee_name: shops[i % shops.length], imported_id: 'row-' + i, cleared: true });
  }
  let started = process.hrtime.bigint();
  const first = await api.importTransactions(account, list);
  const took = Number(process.hrtime.bigint() - started) / 1e9;
  started = process.hrtime.bigint();
  await api.importTransactions(account, list.slice(0, Math.min(rows, 2000)));
  const again = Number(process.hrtime.bigint() - started) / 1e9;
  console.log('RESULT ' + JSON.stringify({ took, again, added: first.added.length }));
  await api.shutdown();
})().catch((error) => { console.error(error); process.exit(1); });
"""


def run(ground: Ground, rows: int) -> None:
    """Measure and print, or say why not."""
    rows = min(rows, _MOST_ROWS)
    if not (shutil.which("node") and shutil.which("npm")):
        print("  left out: node and npm are not here")
        return
    place = ground.directory / "actual"
    place.mkdir()
    try:
        _install(place)
        result = _measured(place, rows)
    except (subprocess.SubprocessError, ValueError) as error:
        print(f"  left out: {_PACKAGE} does not install or run here ({type(error).__name__})")
        return
    show("Actual Budget's import", rate(rows, result["took"]), f"{result['took']:.1f} s")
    show("its rows that arrived", f"{result['added']:,}")
    print("  beside it: 'first sync, end to end' above, which also fetches over HTTP")


def _install(place: Path) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", _PACKAGE]
    subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=_INSTALL_SECONDS)


def _measured(place: Path, rows: int) -> dict[str, float]:
    script, data = place / "run.js", place / "data"
    script.write_text(_SCRIPT, "utf-8")
    data.mkdir()
    done = subprocess.run(
        ["node", str(script), str(rows), str(data)],
        cwd=place, check=True, capture_output=True, text=True, timeout=_RUN_SECONDS,
    )  # fmt: skip
    line = next((one for one in done.stdout.splitlines() if one.startswith("RESULT ")), None)
    if line is None:
        raise ValueError("no result")
    result: dict[str, float] = json.loads(line.removeprefix("RESULT "))
    return result
