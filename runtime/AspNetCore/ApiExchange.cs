using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GptGen.AspNetCore;

/// <summary>How requests are read, within their limits, and answers written.</summary>
internal static class ApiExchange
{
    /// <summary>Reads a request's body.</summary>
    /// <exception cref="ApiException">It is too long, too slow, or not such a request.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, GptGenServerOptions options)
    {
        var body = await ReadBytesAsync(context, options).ConfigureAwait(false);
        if (!Utf8.IsValid(body.Span))
            throw ApiException.Invalid("The body is not valid UTF-8: send JSON in UTF-8.");
        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw ApiException.Invalid("The body is null: send a JSON object.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw ApiException.Invalid(
                $"The body is not such a request: {Short(error.Message)}", (error as JsonException)?.Path?.TrimStart('$', '.'));
        }
    }

    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext context, GptGenServerOptions options)
    {
        var tooLong = new ApiException(
            StatusCodes.Status413PayloadTooLarge, "invalid_request_error", "request_too_large",
            $"The body is longer than {options.MostBodyBytes} bytes: send less.");
        if (context.Request.ContentLength > options.MostBodyBytes)
            throw tooLong;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = options.MostBodyBytes + 1L;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(options.BodyTimeLimit);
        var bytes = new ArrayBufferWriter<byte>((int)(context.Request.ContentLength ?? 1024) + 1);
        try
        {
            while (true)
            {
                var read = await context.Request.Body.ReadAsync(bytes.GetMemory(1024), limit.Token).ConfigureAwait(false);
                if (read == 0)
                    return bytes.WrittenMemory;
                bytes.Advance(read);
                if (bytes.WrittenCount > options.MostBodyBytes)
                    throw tooLong;
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw TooSlow();
        }
        catch (BadHttpRequestException error)
        {
            throw error.StatusCode == StatusCodes.Status408RequestTimeout ? TooSlow()
                : error.StatusCode == StatusCodes.Status413PayloadTooLarge ? tooLong
                : new ApiException(error.StatusCode, "invalid_request_error", null, Short(error.Message));
        }
    }

    private static ApiException TooSlow() => new(
        StatusCodes.Status408RequestTimeout, "invalid_request_error", "request_timeout", "The body did not arrive in time: send it faster.");

    private static string Short(string message) => message.Length > 300 ? message[..300] + "…" : message;
}
