/// Codes of errors that may be counted by name.
enum ErrorCodes {
    /// The gateway's own. A self-deployed model has codes of its own, which may be any text: they count as `other`.
    static let known: Set<String> = [
        "array_above_max_length", "billing_not_active", "conflict", "context_length_exceeded",
        "decimal_above_max_value", "decimal_below_min_value", "empty_array", "empty_string", "endpoint_not_found",
        "failed_precondition", "insufficient_quota", "integer_above_max_value", "integer_below_min_value",
        "internal_error", "invalid_api_key", "invalid_argument", "invalid_base64", "invalid_function_parameters",
        "invalid_http", "invalid_image_url", "invalid_json_schema", "invalid_request_error", "invalid_type",
        "invalid_value", "location_not_allowed", "method_not_allowed", "missing_required_parameter",
        "missing_thought_signature", "model_not_found", "model_price_unknown", "not_found", "not_implemented",
        "permission_denied", "project_not_allowed", "project_not_configured", "rate_limit_exceeded",
        "request_too_large", "server_error", "server_overloaded", "service_disabled", "service_unavailable",
        "strict_translation", "unknown_url", "unprocessable_entity", "unsupported_country_region_territory",
        "unsupported_endpoint", "unsupported_file", "upstream_authentication_failed", "upstream_cancelled",
        "upstream_empty_response", "upstream_error", "upstream_invalid_response", "upstream_stream_incomplete",
        "upstream_timeout", "upstream_unreachable",
    ]
}
