"""A small city's reference tables, and a way to put rows to suites; what the suites must find is in the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

TABLES = {
    "areas.csv": """\
area_id,area_level
china,nation
shandong,province
weifang,city
kuiwen,county
gaoxin,zone
""",
    "indicators.csv": """\
indicator_code,unit,nation_min,nation_max,province_min,province_max,city_min,city_max,county_min,county_max
gop,100m_cny,20000,200000,3000,30000,250,3500,1,900
digital_coverage,pct,0,100,0,100,0,100,0,100
green_factory_municipal_proposed,count,,,,,0,200,0,50
""",
    "plan/plan_targets.csv": """\
plan_version,target_id,indicator_code,is_quantified
draft_2024-10-11,TG01,gop,true
draft_2024-10-11,TG14,cluster_new,true
draft_2024-10-11,TG15,cluster_new,false
""",
    "plan_target_parameters.csv": "target_id,is_effort\nTG01,false\nTG14,true\nTG15,false\n",
    "plan_parameters.csv": """\
parameter_code,parameter_value
plan_version,draft_2024-10-11
ratio_on_track,0.95
ratio_acceleration,0.60
""",
}


@pytest.fixture(scope="session")
def reference_dir(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    for name, text in TABLES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
