"""Run by Superset's own Python: metadata up to date, roles, the first user, the bundle. Twice is as good as once.

BLUE_LEDGER_HOME=… SUPERSET_CONFIG_PATH=superset_config.py SUPERSET_ADMIN_PASSWORD=… python superset_setup.py BUNDLE.zip
"""

import json
import logging
import os
import sys
from typing import Any
from zipfile import ZipFile

ADMIN = "admin"


def prepare(app: Any, bundle: str, password: str | None) -> dict[str, int | bool]:
    """Bring the installation to where the bundle wants it; returns how many of each kind it holds, and whether it is new.

    The importer of dashboards leaves charts and datasets that exist as they are; the one of assets replaces them.
    """
    import yaml
    from flask import g
    from flask_migrate import upgrade
    from superset import db, security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.commands.importers.v1.utils import METADATA_FILE_NAME, get_contents_from_bundle

    with app.app_context():
        upgrade()
        is_first = security_manager.find_user(ADMIN) is None
        if is_first:
            from superset.extensions import appbuilder

            appbuilder.add_permissions(update_perms=True)
            security_manager.sync_role_definitions()
            if not password:
                raise SystemExit("SUPERSET_ADMIN_PASSWORD is needed for the first user")
            role = security_manager.find_role("Admin")
            security_manager.add_user(ADMIN, "蓝账", "管理员", "admin@localhost", role, password=password)
        g.user = security_manager.find_user(ADMIN)
        with ZipFile(bundle) as file:
            contents = get_contents_from_bundle(file)
        contents[METADATA_FILE_NAME] = yaml.safe_dump({"version": "1.0.0", "type": "assets"})
        ImportAssetsCommand(contents).run()
        db.session.commit()
    kinds = ("datasets", "charts", "dashboards")
    counts = {kind: sum(name.startswith(f"{kind}/") for name in contents) for kind in kinds}
    return counts | {"is_first": is_first}


def main() -> None:
    from superset.app import create_app

    logging.disable(logging.WARNING)
    done = prepare(create_app(), sys.argv[1], os.environ.get("SUPERSET_ADMIN_PASSWORD"))
    print(json.dumps(done))


if __name__ == "__main__":
    main()
