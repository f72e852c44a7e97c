#!/usr/bin/env bash
# Serves AWS's interfaces on 127.0.0.1 in the foreground: no Docker, no account, no token, nothing downloaded.
#   serve.sh FOLDER [PORT]     FOLDER is what install.sh made; GET /_localstack/health answers when it is up
set -euo pipefail
folder=$(cd "${1:?the folder that install.sh made}" && pwd)
port=${2:-4566}
state=$folder/$port
mkdir -p "$state"

# The newer CloudFormation engine creates templates that CloudFormation refuses, such as those with a cycle.
export PROVIDER_OVERRIDE_CLOUDFORMATION=engine-legacy CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES=0
# what our plugins bring
export LAMBDA_RUNTIME_EXECUTOR=none
export PROVIDER_OVERRIDE_DYNAMODB=moto PROVIDER_OVERRIDE_DYNAMODBSTREAMS=moto PROVIDER_OVERRIDE_KINESIS=moto
# reaches nothing beyond this machine, writes nothing outside its folder, and imports nothing from elsewhere (-I)
export GATEWAY_LISTEN=127.0.0.1:$port DNS_ADDRESS=0 DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1
export HOME=$state TMPDIR=$state XDG_CACHE_HOME=$state/cache LOCALSTACK_VOLUME_DIR=$state/volume LS_LOG=error
exec "$folder/venv/bin/python" -I -m localstack.runtime.main
