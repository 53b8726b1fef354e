using Microsoft.AspNetCore.Http;

namespace GptGen.AspNetCore;

/// <summary>A request that is answered with an error in OpenAI's shape.</summary>
internal sealed class ApiException(int status, string type, string? code, string message, string? parameter = null) : Exception(message)
{
    public int Status => status;

    public TimeSpan? RetryAfter { get; init; }

    public ErrorAnswer Answer => new(new(Message, type, parameter, code));

    /// <summary>A request that asks for what cannot be.</summary>
    public static ApiException Invalid(string message, string? parameter = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, "invalid_request_error", code, message, parameter);

    /// <summary>A parameter of OpenAI's that this server does not have.</summary>
    public static ApiException Unsupported(string parameter) =>
        Invalid($"'{parameter}' is not supported here: leave it out.", parameter, "unsupported_parameter");

    /// <summary>More tokens than the model sees.</summary>
    public static ApiException TooLong(int prompt, int tokens, int context) => Invalid(
        $"The model sees {context} tokens at once, but the prompt has {prompt} and {tokens} more are asked for: shorten the prompt or ask for less.",
        code: "context_length_exceeded");

    /// <summary>A server that is busy or going.</summary>
    public static ApiException Unavailable(int status, string code, string message, TimeSpan? retryAfter = null) => new(
        status, status == StatusCodes.Status429TooManyRequests ? "rate_limit_error" : "server_error", code, message) { RetryAfter = retryAfter };
}
