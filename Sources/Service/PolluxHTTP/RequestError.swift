/// Why a client's bytes are no request that we serve.
///
/// Each ends the connection: what follows the bytes that were refused cannot be told from a request.
/// The texts hold nothing that the client sent.
public enum RequestError: Error, Sendable, Hashable, CaseIterable {
    // 400: the head's lines
    case tooManyEmptyLines
    case bareCarriageReturn
    case bareLineFeed
    case controlByte
    case malformedRequestLine
    case malformedTarget
    case malformedField
    case foldedField
    // 400: what the fields say
    case missingHost
    case malformedHost
    case malformedContentLength
    case malformedTransferEncoding
    case ambiguousLength
    // 400: the body's chunks
    case malformedChunk
    case chunkExtensionsTooLong
    case malformedTrailer
    // Other statuses
    case targetTooLong
    case headTooLarge
    case tooManyFields
    case trailersTooLarge
    case unknownMethod
    case unknownTransferCoding
    case unsupportedVersion

    /// The HTTP status that the client deserves.
    public var status: Int {
        switch self {
        case .targetTooLong: 414
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .unknownMethod, .unknownTransferCoding: 501
        case .unsupportedVersion: 505
        default: 400
        }
    }

    /// One sentence for the client.
    public var message: String {
        switch self {
        case .tooManyEmptyLines: "Too many empty lines before the request line."
        case .bareCarriageReturn: "A carriage return without a line feed."
        case .bareLineFeed: "A line feed without a carriage return: lines end in both."
        case .controlByte: "A control byte in the head."
        case .malformedRequestLine: "The request line is not of the form 'POST /path HTTP/1.1'."
        case .malformedTarget: "The request target is no path and no http address."
        case .malformedField: "A header line is not of the form 'name: value'."
        case .foldedField: "A header line begins with white space: folded lines are not accepted."
        case .missingHost: "The 'host' header is missing."
        case .malformedHost: "The 'host' header is not one host."
        case .malformedContentLength: "The 'content-length' header is not one number."
        case .malformedTransferEncoding: "The 'transfer-encoding' header is not 'chunked'."
        case .ambiguousLength: "Both 'content-length' and 'transfer-encoding' are given."
        case .malformedChunk: "A chunk of the body is malformed."
        case .chunkExtensionsTooLong: "The extensions of the body's chunks are too long."
        case .malformedTrailer: "A trailer line is not of the form 'name: value'."
        case .targetTooLong: "The request line is too long."
        case .headTooLarge: "The request head is too large."
        case .tooManyFields: "The request head has too many headers."
        case .trailersTooLarge: "The trailers of the body are too large."
        case .unknownMethod: "The method is none of HTTP's."
        case .unknownTransferCoding: "The only transfer coding that is understood is 'chunked'."
        case .unsupportedVersion: "The only protocol that is understood is HTTP/1."
        }
    }
}
