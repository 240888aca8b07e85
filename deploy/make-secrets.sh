#!/usr/bin/env bash
# Random secrets for deploy/compose.yaml, one file each, in deploy/secrets (or the folder named). Keeps what is there.
set -euo pipefail
folder=${1:-"$(dirname "$0")/secrets"}
[ -e "$folder" ] && { echo "$folder exists already; nothing was changed."; exit 0; }

random() { python3 -c "import secrets; print(secrets.token_hex($1))"; }
password=$(random 24) access=$(random 10) secret=$(random 24)

# The folder is closed to others. The files are not, because a container's own user must read what is mounted into it.
mkdir -m 700 "$folder"
put() { printf '%s\n' "$2" > "$folder/$1"; chmod 444 "$folder/$1"; }
put postgres_password "$password"
put database_url "postgresql+psycopg://workspace:$password@postgres/workspace"
put keyring_url "postgresql+psycopg://workspace:$password@postgres/keyring"
put objects_url "s3://$access:$secret@seaweedfs:8333/workspace?tls=0"
put s3_config "{\"identities\":[{\"name\":\"app\",\"credentials\":[{\"accessKey\":\"$access\",\"secretKey\":\"$secret\"}],\"actions\":[\"Admin\",\"Read\",\"Write\",\"List\",\"Tagging\"]}]}"
echo "Secrets written to $folder. Keep a copy in a safe place: without them the data cannot be read."
