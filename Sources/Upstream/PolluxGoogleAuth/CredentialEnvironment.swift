import FoundationEssentials
public import PolluxSecret

/// The environment variables that Google's libraries read.
///
/// An empty variable counts as absent.
public struct CredentialEnvironment: Sendable {
    public var variables: [String: String]

    public init(variables: [String: String]) { self.variables = variables }

    /// The variables of this process, as they are now.
    public static var process: Self { Self(variables: ProcessInfo.processInfo.environment) }

    subscript(name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// The first of these variables that is set.
    func first(of names: String...) -> String? {
        for name in names { if let value = self[name] { return value } }
        return nil
    }

    /// The project of the short routes, as far as the environment names it (CRED-001).
    public var projectID: String? { first(of: "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT") }

    /// The location of the short routes (CRED-001).
    public var location: String {
        first(of: "GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION") ?? "global"
    }

    /// The key for the Developer API when the configuration has none (CRED-007).
    public var apiKey: Secret? { first(of: "GOOGLE_API_KEY", "GEMINI_API_KEY").map { Secret($0) } }

    /// The project that pays; wins over a file's `quota_project_id` (CRED-003).
    var quotaProject: String? { self["GOOGLE_CLOUD_QUOTA_PROJECT"] }

    /// Where gcloud keeps the credentials of `gcloud auth application-default login`.
    var wellKnownFile: String? {
        if let folder = self["CLOUDSDK_CONFIG"] { return folder + "/application_default_credentials.json" }
        return self["HOME"].map { $0 + "/.config/gcloud/application_default_credentials.json" }
    }
}
