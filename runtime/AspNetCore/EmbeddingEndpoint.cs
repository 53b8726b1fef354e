using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;

namespace GptGen.AspNetCore;

/// <summary><c>POST /v1/embeddings</c>: vectors of texts, one request after the other.</summary>
internal sealed class EmbeddingEndpoint(GptGenServer server)
{
    private readonly SemaphoreSlim turn = new(1);
    private int waiting;

    public async Task AnswerAsync(HttpContext context, RequestRecord record)
    {
        var request = await ApiExchange.ReadAsync(context, ApiJson.Default.EmbeddingRequest, server.Options).ConfigureAwait(false);
        server.RequireModel(request.Model, writes: false);
        var features = server.Model.Features!;
        if (request.EncodingFormat is not (null or "float" or "base64"))
            throw ApiException.Invalid("'encoding_format' must be float or base64.", "encoding_format");
        if (request.Dimensions is { } dimensions && dimensions != server.Model.Description.Width)
        {
            throw ApiException.Invalid(
                $"'dimensions' is {dimensions}, but the model's embeddings have {server.Model.Description.Width}: leave it out.", "dimensions");
        }

        // Tokens are taken as their text, because models that look both ways put marks around it.
        string[] texts = request.Input is { ValueKind: System.Text.Json.JsonValueKind.String or System.Text.Json.JsonValueKind.Array } input
            && (input.ValueKind == System.Text.Json.JsonValueKind.String
                || (input.GetArrayLength() > 0 && input[0].ValueKind == System.Text.Json.JsonValueKind.String))
            ? JsonValues.Strings(input, "input")
            : [.. JsonValues.Texts(request.Input, "input", static _ => throw ApiException.Invalid("'input' mixes texts and tokens.", "input"))
                .Select(Decode)];
        var vectors = await ComputeAsync(features, texts, context.RequestAborted).ConfigureAwait(false);
        var tokens = vectors.Sum(static vector => vector.Tokens);
        record.Read(tokens);
        await ApiExchange.WriteAsync(
            context,
            new(
                [.. vectors.Select((vector, index) => new EmbeddingItem(index)
                {
                    Embedding = request.EncodingFormat == "base64" ? Base64(vector.Values) : vector.Values,
                })],
                server.Name, new(tokens, tokens)),
            ApiJson.Default.EmbeddingAnswer).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Features.TextVector>> ComputeAsync(
        Features.TextFeatures features, string[] texts, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref waiting) > server.Options.QueueLimit + 1)
        {
            Interlocked.Decrement(ref waiting);
            throw ApiException.Unavailable(
                StatusCodes.Status429TooManyRequests, "rate_limit_exceeded", "Too many requests for embeddings wait: try again later.",
                server.Options.RetryAfter);
        }

        try
        {
            await turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return await Task.Run(() => features.Compute(texts, cancellation), cancellation).ConfigureAwait(false);
            }
            catch (GptGenException error)
            {
                throw ApiException.Invalid(error.Message, "input");
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private string Decode(int[] tokens)
    {
        try
        {
            return server.Model.Tokenizer.Decode(tokens);
        }
        catch (Exception error) when (error is GptGenException or IndexOutOfRangeException or ArgumentException)
        {
            throw ApiException.Invalid("'input' has a token that the vocabulary lacks.", "input");
        }
    }

    private static string Base64(float[] values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var index = 0; index < values.Length; index++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), values[index]);
        return Convert.ToBase64String(bytes);
    }
}
