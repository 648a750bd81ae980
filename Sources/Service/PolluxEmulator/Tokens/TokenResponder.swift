import PolluxJSON

/// Google's token services: each gives a token to whoever asks in the right form.
///
/// - Source: RFC 6749, section 6; RFC 7523; RFC 8693; IAM Service Account Credentials API.
struct TokenResponder {
    /// Bytes of a form that are looked at.
    static let maximumFormBytes = 64 << 10
    /// What an impersonated token may live.
    static let maximumImpersonationSeconds = 43_200

    let configuration: EmulatorConfiguration
    let state: EmulatorState

    func reply(to call: TokenCall, _ head: RequestHead, body: Span<UInt8>) -> Reply {
        switch call {
        case .oauth: oauth(body)
        case .exchange: exchange(body)
        case .impersonate: impersonate(head, body)
        case .metadata(let path):
            MetadataServer(configuration: configuration, tokens: state.tokens).reply(to: path, head)
        }
    }

    // MARK: OAuth

    private func oauth(_ body: Span<UInt8>) -> Reply {
        guard let form = form(body) else { return refusal("invalid_request", "The form is too large.") }
        switch form.parameter("grant_type") {
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            do throws(SignedClaim.Refusal) {
                try SignedClaim(form.parameter("assertion") ?? "")
                    .check(configuration.serviceAccounts, seconds: state.clock.seconds)
            } catch {
                return refusal(error.error, error.description)
            }
            return token([])
        case "refresh_token":
            let refreshToken = form.parameter("refresh_token") ?? ""
            guard !refreshToken.isEmpty else {
                return refusal("invalid_request", "Missing required parameter: refresh_token")
            }
            guard !refreshToken.hasPrefix("revoked") else {
                return refusal("invalid_grant", "Token has been expired or revoked.")
            }
            return token([("scope", "https://www.googleapis.com/auth/cloud-platform")])
        default:
            return refusal("unsupported_grant_type", "Invalid grant_type.")
        }
    }

    private func exchange(_ body: Span<UInt8>) -> Reply {
        guard let form = form(body) else { return refusal("invalid_request", "The form is too large.") }
        guard form.parameter("grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange" else {
            return refusal("unsupported_grant_type", "Invalid grant_type.")
        }
        let required = ["audience", "requested_token_type", "subject_token", "subject_token_type"]
        for name in required where (form.parameter(name) ?? "").isEmpty {
            return refusal("invalid_request", "Missing required parameter: \(name)")
        }
        guard form.parameter("audience")?.hasPrefix("//iam.googleapis.com/") == true else {
            return refusal("invalid_target", "The audience must be the full name of a provider of a pool.")
        }
        return token([("issued_token_type", "urn:ietf:params:oauth:token-type:access_token")])
    }

    private func token(_ more: [(StaticString, String)]) -> Reply {
        let issued = state.tokens.issue()
        return .json(
            JSONWriter.objectText {
                $0.member("access_token", issued.token)
                $0.member("expires_in", issued.seconds)
                for (name, value) in more { $0.member(name, value) }
                $0.member("token_type", "Bearer")
            }
        )
    }

    /// A form is the query of an address without its question mark.
    private func form(_ body: Span<UInt8>) -> RequestTarget? {
        body.count <= Self.maximumFormBytes ? RequestTarget("/?" + String(copying: body), isForm: true) : nil
    }

    private func refusal(_ error: String, _ description: String) -> Reply {
        .json(
            JSONWriter.objectText {
                $0.member("error", error)
                $0.member("error_description", description)
            }, status: 400
        )
    }

    // MARK: Impersonation

    private func impersonate(_ head: RequestHead, _ body: Span<UInt8>) -> Reply {
        do throws(GoogleError) {
            try Credentials(configuration: configuration, tokens: state.tokens).check(head, .vertex)
            var tape = JSONTape()
            do throws(JSONError) {
                try tape.parse(body)
            } catch {
                throw .invalid("Invalid JSON payload received.")
            }
            let json = tape.document(of: body)
            guard !json.each(json.value("scope", of: .root)).isEmpty else {
                throw .invalid("Request contains an invalid argument: at least one scope is required.")
            }
            let lifetime = TimeSpan.milliseconds(json.text(of: json.value("lifetime", of: .root)) ?? "3600s")
            guard let lifetime, (1...Self.maximumImpersonationSeconds * 1000).contains(lifetime) else {
                throw .invalid("The lifetime must be between 1s and \(Self.maximumImpersonationSeconds)s.")
            }
            let issued = state.tokens.issue(maximumSeconds: lifetime / 1000)
            return .json(
                JSONWriter.objectText {
                    $0.member("accessToken", issued.token)
                    $0.member("expireTime", Timestamp.text(seconds: issued.expiresAtMilliseconds / 1000))
                }
            )
        } catch {
            return .error(error)
        }
    }
}
