public import PolluxSecret

/// Where an operator says that credentials come from: `backends[].credentials`.
///
/// - Source: rules CRED-001, CRED-005, CRED-007.
public enum CredentialSource: Sendable, Hashable {
    /// `adc`: Google's search order, see ``CredentialLoader``.
    case applicationDefault
    /// `file`: one JSON file of any supported `type`.
    case file(path: String)
    /// `metadata`: the metadata server, without looking for it first.
    case metadata
    /// `api_key`: a key that is sent as it is, in `x-goog-api-key`.
    case apiKey(Secret)
}
