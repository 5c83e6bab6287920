#!/bin/sh
# A token request as in guides for Okta: grant type and scope in the query, Basic authentication, an empty body.
#
# usage: curl.sh DIRECTORY_OF_THE_SECRET [SCOPES]
set -eu
cd "$1"
ID=$(cat clientId)
SECRET=$(cat clientSecret)
TOKEN_ENDPOINT=$(curl -fsS "$(cat metadataUri)" | sed 's/.*"token_endpoint":"\([^"]*\)".*/\1/')
SCOPE=${2:+&scope=$(echo "$2" | sed 's/ /%20/g')}
curl -sS -X POST "$TOKEN_ENDPOINT?grant_type=client_credentials$SCOPE" -u "$ID:$SECRET"
