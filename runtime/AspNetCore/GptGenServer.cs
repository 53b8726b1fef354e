using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using GptGen.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GptGen.AspNetCore;

/// <summary>The engine of a served model, and what every request goes through.</summary>
internal sealed class GptGenServer : IHostedService, IDisposable
{
    /// <summary>What servers answer whose client has gone.</summary>
    private const int ClientClosedRequest = 499;

    private readonly GenerationEngine? engine;
    private readonly ServerMetrics metrics;
    private readonly ILogger logger;
    private readonly IHostApplicationLifetime lifetime;
    private readonly byte[]? keyHash;
    private CancellationTokenRegistration stopping;

    public GptGenServer(
        ServedModel model, GptGenServerOptions options, IMeterFactory meters, ILogger<GptGenServer> logger, IHostApplicationLifetime lifetime)
    {
        options.Validate();
        (Model, Options, this.logger, this.lifetime) = (model, options, logger, lifetime);
        Name = options.ModelName ?? model.Description.Name;
        keyHash = options.ApiKey is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;
        if (model.Writer is { } writer)
            engine = new(writer, model.Tokenizer, new() { Slots = options.Slots, QueueLimit = options.QueueLimit });
        metrics = new(meters, Name, () => engine);
    }

    public ServedModel Model { get; }

    public GptGenServerOptions Options { get; }

    public string Name { get; }

    /// <summary>When it began, in seconds: what it serves has no other date.</summary>
    public long Created { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public GenerationEngine Engine => engine!;

    public HealthAnswer Health => new(
        lifetime.ApplicationStopping.IsCancellationRequested ? "draining" : "ok", engine?.Active ?? 0, engine?.Waiting ?? 0);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the web server waits for its connections: what they still ask for is refused then.
        stopping = lifetime.ApplicationStopping.Register(() =>
        {
            if (engine is null)
                return;
            ServerLog.Draining(logger, engine.Active, engine.Waiting);
            _ = engine.DrainAsync();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => engine?.DrainAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose()
    {
        stopping.Dispose();
        engine?.Dispose();
        metrics.Dispose();
    }

    /// <summary>Refuses requests for another model, or for what this one does not do.</summary>
    /// <exception cref="ApiException">It is one.</exception>
    public void RequireModel(string? asked, bool writes)
    {
        if (asked is { Length: > 0 } && asked != Name)
        {
            throw new ApiException(
                StatusCodes.Status404NotFound, "invalid_request_error", "model_not_found", $"There is no model '{asked}' here: ask for '{Name}'.",
                "model");
        }

        if (writes ? engine is null : Model.Features is null)
            throw ApiException.Invalid($"The model '{Name}' {(writes ? "does not write text" : "makes no embeddings")}.", "model");
    }

    /// <summary>An endpoint with errors in OpenAI's shape, a log line and metrics.</summary>
    public RequestDelegate Endpoint(string operation, Func<HttpContext, RequestRecord, Task> answer) => async context =>
    {
        var (begun, record) = (Stopwatch.GetTimestamp(), new RequestRecord());
        string? error = null;
        try
        {
            RequireKey(context);
            await answer(context, record).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            record.End();
            error = await TellAsync(context, exception, operation).ConfigureAwait(false);
        }

        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var (read, written) = record.Tokens;
        metrics.Record(record, operation, seconds, error);
        if (context.Response.StatusCode == ClientClosedRequest)
            ServerLog.Left(logger, operation, seconds, written);
        else
            ServerLog.Answered(logger, operation, context.Response.StatusCode, seconds, read, written);
    };

    /// <summary>An endpoint without these.</summary>
    public RequestDelegate Plain(Func<HttpContext, Task> answer) => async context =>
    {
        try
        {
            RequireKey(context);
            await answer(context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await TellAsync(context, exception, context.Request.Path).ConfigureAwait(false);
        }
    };

    private void RequireKey(HttpContext context)
    {
        if (keyHash is null)
            return;
        const string Scheme = "Bearer ";
        var given = context.Request.Headers.Authorization.ToString();
        var isRight = given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given[Scheme.Length..].Trim())), keyHash);
        if (isRight)
            return;
        throw new ApiException(
            StatusCodes.Status401Unauthorized, "invalid_request_error", "invalid_api_key",
            "The API key is missing or wrong: send it as 'Authorization: Bearer KEY'.");
    }

    /// <summary>Answers with an error.</summary>
    /// <returns>What went wrong, in a word.</returns>
    private async Task<string> TellAsync(HttpContext context, Exception exception, string operation)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted)
                context.Response.StatusCode = ClientClosedRequest;
            return "cancelled";
        }

        var error = exception switch
        {
            ApiException known => known,
            TimeoutException => ApiException.Unavailable(StatusCodes.Status503ServiceUnavailable, "timeout", exception.Message),
            EngineClosedException => ApiException.Unavailable(StatusCodes.Status503ServiceUnavailable, "shutting_down", exception.Message),
            _ => ApiException.Unavailable(
                StatusCodes.Status500InternalServerError, "server_error",
                exception is GptGenException ? exception.Message : "The server failed; its log says more."),
        };
        if (error.Status >= StatusCodes.Status500InternalServerError && error != exception)
            ServerLog.Failed(logger, exception, operation);
        if (context.Response.HasStarted)
        {
            // In the middle of a stream: some clients only notice an event, others only that the end is missing.
            await new EventStream(context, isBegun: true).WriteAsync(error.Answer, ApiJson.Default.ErrorAnswer).ConfigureAwait(false);
            context.Abort();
        }
        else
        {
            context.Response.Clear();
            if (error.RetryAfter is { } wait)
                context.Response.Headers.RetryAfter = $"{Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))}";
            if (error.Status == StatusCodes.Status401Unauthorized)
                context.Response.Headers.WWWAuthenticate = "Bearer";
            // What is left of a body that is too long or too slow is not waited for.
            if (error.Status is StatusCodes.Status408RequestTimeout or StatusCodes.Status413PayloadTooLarge)
                context.Response.Headers.Connection = "close";
            await ApiExchange.WriteAsync(context, error.Answer, ApiJson.Default.ErrorAnswer, error.Status).ConfigureAwait(false);
        }

        return error.Answer.Error.Code ?? error.Answer.Error.Type;
    }
}
