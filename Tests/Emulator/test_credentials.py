"""Google's own authentication library against the emulated token services (01 § 5)."""

import datetime
import json
import time

import google.auth.transport.requests
import google.oauth2.credentials
import pytest
from conftest import Emulator
from google import genai
from google.auth import compute_engine, exceptions, identity_pool, impersonated_credentials
from google.oauth2 import service_account

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


def own_account(file):
    return service_account.Credentials.from_service_account_info(file, scopes=SCOPES)


def user(file):
    # The library's reader of such files knows Google's own address only.
    return google.oauth2.credentials.Credentials(
        None, refresh_token=file["refresh_token"], token_uri=file["token_uri"], client_id=file["client_id"],
        client_secret=file["client_secret"],
    )


def workload(file):
    return identity_pool.Credentials.from_info(file, scopes=SCOPES)


def acting(file):
    return impersonated_credentials.Credentials(
        source_credentials=own_account(file["source_credentials"]), target_scopes=SCOPES,
        target_principal="target@emulator.iam.gserviceaccount.com",
        iam_endpoint_override=file["service_account_impersonation_url"],
    )


FILES = {
    "service-account.json": own_account, "authorized-user.json": user, "workload-identity.json": workload,
    "impersonated-service-account.json": acting,
}


@pytest.fixture(scope="module")
def checking(tmp_path_factory):
    """An emulator that takes only its own tokens, and the credential files that it wrote."""
    folder = tmp_path_factory.mktemp("credentials")
    running = Emulator(
        folder, "--check-tokens", "--token-life", "600", "--api-key", "right-key", "--write-credentials", str(folder),
        "--project", "own-project",
    )
    end = time.monotonic() + 5
    while not (folder / "subject-token").exists() and time.monotonic() < end:
        time.sleep(0.01)
    running.folder = folder
    yield running
    running.program.stop()


def ask(emulator, credentials):
    client = genai.Client(
        vertexai=True, project="p", location="l", credentials=credentials,
        http_options=genai.types.HttpOptions(base_url=emulator.url),
    )
    return client.models.generate_content(model="gemini-2.5-flash", contents="Hello").text


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_gives_a_token_that_is_taken(checking, name):
    """Service account, refresh token, workload identity, impersonation (CRED-002, 003, 004, 006)."""
    assert ask(checking, FILES[name](json.loads((checking.folder / name).read_text())))


def test_foreign_and_expired_tokens_are_refused(checking):
    """A token ends with its life."""
    with pytest.raises(genai.errors.ClientError) as raised:
        ask(checking, google.oauth2.credentials.Credentials("ya29.foreign"))
    assert raised.value.code == 401
    credentials = own_account(json.loads((checking.folder / "service-account.json").read_text()))
    credentials.refresh(google.auth.transport.requests.Request())
    life = credentials.expiry - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert 590 <= life.total_seconds() <= 601
    static = google.oauth2.credentials.Credentials(credentials.token)
    assert ask(checking, static)
    checking.advance("601s")
    with pytest.raises(genai.errors.ClientError) as raised:
        ask(checking, static)
    assert raised.value.code == 401
    checking.send("POST", "/emulator/reset", {})


def test_a_key_that_is_not_the_accounts_is_refused(checking):
    """Signatures are verified."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    forged = json.loads((checking.folder / "service-account.json").read_text())
    forged["private_key"] = key.decode()
    with pytest.raises(exceptions.RefreshError, match="Invalid JWT Signature"):
        own_account(forged).refresh(google.auth.transport.requests.Request())


def test_the_metadata_server(checking, monkeypatch):
    """A virtual machine's own credentials (CRED-005)."""
    # What GCE_METADATA_HOST says when it is set before the library is loaded.
    monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", checking.url.removeprefix("http://"))
    credentials = compute_engine.Credentials()
    credentials.refresh(google.auth.transport.requests.Request())
    assert ask(checking, google.oauth2.credentials.Credentials(credentials.token))


def test_api_keys_are_compared(checking):
    """The Developer API's refusal of a wrong key (AUTH, ERR-032)."""
    options = genai.types.HttpOptions(base_url=checking.url)
    good = genai.Client(api_key="right-key", http_options=options)
    assert good.models.generate_content(model="gemini-2.5-flash", contents="Hello").text
    bad = genai.Client(api_key="wrong-key", http_options=options)
    with pytest.raises(genai.errors.ClientError, match="API key not valid"):
        bad.models.generate_content(model="gemini-2.5-flash", contents="Hello")
