#!/usr/bin/env bash
# Makes the environment that serve.sh runs: LocalStack's open-source runtime and our plugins, in about a minute and 350 MB.
#   install.sh FOLDER     LocalStack needs Python 3.13 (PYTHON313 names one); exit status 3 where there is none
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?the folder that the environment goes into}

for python in "${PYTHON313:-}" python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python; do
  "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || continue
  "$python" -I -m venv "$folder/venv"
  "$folder/venv/bin/python" -I -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" "$here/plugins"
  exit
done
echo "LocalStack needs Python 3.13, and there is none" >&2
exit 3
