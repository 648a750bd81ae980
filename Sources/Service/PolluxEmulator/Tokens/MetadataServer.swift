import PolluxJSON

/// The metadata server of a virtual machine.
///
/// - Source: Compute Engine, "About VM metadata".
struct MetadataServer {
    static let email = "default@emulator.iam.gserviceaccount.com"
    private static let number = "123456789012"
    private static let scope = "https://www.googleapis.com/auth/cloud-platform"

    let configuration: EmulatorConfiguration
    let tokens: AccessTokens

    func reply(to path: [String], _ head: RequestHead) -> Reply {
        // The bare address is how clients find out where they are; they may do so without the field.
        guard path.isEmpty || head.metadataFlavor?.lowercased() == "google" else {
            return .text("Missing Metadata-Flavor:Google header.", status: 403)
        }
        var reply = answer(path, isRecursive: head.target.parameter("recursive") == "true")
        reply.fields.append(("Metadata-Flavor", "Google"))
        return reply
    }

    private func answer(_ path: [String], isRecursive: Bool) -> Reply {
        if path.count >= 3, path[0] == "instance", path[1] == "service-accounts" {
            guard path[2] == "default" || path[2] == Self.email else { return notFound }
            return account(path.dropFirst(3).first, isRecursive: isRecursive)
        }
        switch path.joined(separator: "/") {
        case "": return .text("computeMetadata/\n")
        case "instance/service-accounts": return .text("\(Self.email)/\ndefault/\n")
        case "instance/zone": return .text("projects/\(Self.number)/zones/us-central1-a")
        case "instance/region": return .text("projects/\(Self.number)/regions/us-central1")
        case "project/project-id": return .text(configuration.project)
        case "project/numeric-project-id": return .text(Self.number)
        case "universe/universe-domain": return .text("googleapis.com")
        default: return notFound
        }
    }

    private func account(_ member: String?, isRecursive: Bool) -> Reply {
        switch member {
        case nil where isRecursive:
            return .json(
                JSONWriter.objectText {
                    $0.member("aliases") { $0.array { $0.string("default") } }
                    $0.member("email", Self.email)
                    $0.member("scopes") { $0.array { $0.string(text: Self.scope) } }
                }
            )
        case nil: return .text("aliases\nemail\nidentity\nscopes\ntoken\n")
        case "aliases": return .text("default")
        case "email": return .text(Self.email)
        case "scopes": return .text(Self.scope + "\n")
        case "token":
            let issued = tokens.sharedToken()
            return .json(
                JSONWriter.objectText {
                    $0.member("access_token", issued.token)
                    $0.member("expires_in", issued.seconds)
                    $0.member("token_type", "Bearer")
                }
            )
        default: return notFound
        }
    }

    private var notFound: Reply { .text("Not found.", status: 404) }
}
