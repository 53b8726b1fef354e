using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GptGen.AspNetCore;

/// <summary>Server-sent events, which several texts of one answer may write.</summary>
internal sealed class EventStream
{
    private readonly HttpContext context;
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>Begins a stream, or goes on with one.</summary>
    public EventStream(HttpContext context, bool isBegun = false)
    {
        this.context = context;
        if (isBegun)
            return;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        // Proxies that keep back what they forward would turn a stream into an answer at the end.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Writes one event, and sends it.</summary>
    public async Task WriteAsync<T>(T data, JsonTypeInfo<T> type)
    {
        await turn.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            var writer = context.Response.BodyWriter;
            writer.Write("data: "u8);
            using (var json = new Utf8JsonWriter(writer))
                JsonSerializer.Serialize(json, data, type);
            writer.Write("\n\n"u8);
            await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Says that the answer is whole.</summary>
    public async Task EndAsync()
    {
        context.Response.BodyWriter.Write("data: [DONE]\n\n"u8);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
