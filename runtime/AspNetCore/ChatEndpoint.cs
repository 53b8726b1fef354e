using System.Text.Json;
using GptGen.Serving;
using GptGen.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace GptGen.AspNetCore;

/// <summary><c>POST /v1/chat/completions</c>: the next message of a conversation.</summary>
internal sealed class ChatEndpoint(GptGenServer server)
{
    public async Task AnswerAsync(HttpContext context, RequestRecord record)
    {
        var request = await ApiExchange.ReadAsync(context, ApiJson.Default.ChatRequest, server.Options).ConfigureAwait(false);
        server.RequireModel(request.Model, writes: true);
        if (request.Tools is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0)
            throw ApiException.Unsupported("tools");
        if (request.ResponseFormat?.Type is not (null or "text"))
            throw ApiException.Unsupported("response_format");
        if (request.TopLogprobs is not null && request.Logprobs is not true)
            throw ApiException.Invalid("'top_logprobs' needs 'logprobs': true.", "top_logprobs");
        var template = server.Options.ChatTemplate;
        var prompt = server.Model.Tokenizer.Encode(template.Format(Messages(request)));
        var plan = WritingPlan.Of(
            server, request, [prompt], request.MaxCompletionTokens ?? request.MaxTokens,
            request.Logprobs is true ? request.TopLogprobs ?? 0 : null, scoresPrompt: false, template.Stop, template.TrimsStart);
        var texts = plan.Start();
        record.Begin(texts);
        var (id, created) = ($"chatcmpl-{Guid.NewGuid():N}", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        if (request.Stream ?? false)
        {
            var stream = new EventStream(context);
            await Task.WhenAll(texts.Select((text, index) => StreamAsync(text, choice => stream.WriteAsync(
                new(id, created, server.Name, [choice]), ApiJson.Default.ChatChunk), index, plan.TrimsStart, context.RequestAborted)))
                .ConfigureAwait(false);
            if (request.StreamOptions?.IncludeUsage ?? false)
            {
                await stream.WriteAsync(
                    new(id, created, server.Name, []) { Usage = WritingPlan.UsageOf(texts, texts.Length) }, ApiJson.Default.ChatChunk)
                    .ConfigureAwait(false);
            }

            await stream.EndAsync().ConfigureAwait(false);
            return;
        }

        var choices = await Task.WhenAll(texts.Select((text, index) => CollectAsync(text, index, plan.TrimsStart, context.RequestAborted)))
            .ConfigureAwait(false);
        await ApiExchange.WriteAsync(
            context, new(id, created, server.Name, choices, WritingPlan.UsageOf(texts, texts.Length)), ApiJson.Default.ChatAnswer)
            .ConfigureAwait(false);
    }

    private static List<ChatMessage> Messages(ChatRequest request)
    {
        if (request.Messages is not { Length: > 0 } given)
            throw ApiException.Invalid("'messages' is needed: a list of at least one message.", "messages");
        return [.. given.Select(static message => new ChatMessage(
            message?.Role switch
            {
                "system" or "developer" => ChatRole.System,
                "user" => ChatRole.User,
                "assistant" when message.ToolCalls is null or { ValueKind: JsonValueKind.Null } => ChatRole.Assistant,
                "assistant" or "tool" or "function" => throw ApiException.Unsupported("messages with calls of tools"),
                _ => throw ApiException.Invalid("A message's role must be system, developer, user or assistant.", "messages"),
            },
            Content(message.Content)))];
    }

    private static string Content(JsonElement? content)
    {
        if (content is not { } value || value.ValueKind == JsonValueKind.Null)
            return "";
        if (value.ValueKind == JsonValueKind.String)
            return JsonValues.String(value, "content");
        if (value.ValueKind != JsonValueKind.Array)
            throw ApiException.Invalid("A message's content must be a string or a list of texts.", "messages");
        return string.Concat(value.EnumerateArray().Select(static part =>
            part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                && type.ValueEquals("text") && part.TryGetProperty("text", out var text)
                ? JsonValues.String(text, "content")
                : throw ApiException.Invalid("A message holds something else than text, but the model reads text only.", "messages")));
    }

    private async Task StreamAsync(
        SequenceReader text, Func<ChatChunkChoice, Task> write, int index, bool trims, CancellationToken cancellation)
    {
        await write(new(index, new() { Role = "assistant", Content = "" }, null, null)).ConfigureAwait(false);
        await foreach (var piece in text.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var part = trims ? piece.Text.TrimStart() : piece.Text;
            trims &= part.Length == 0;
            await write(new(index, new() { Content = part }, Scores(text.Sequence, piece), null)).ConfigureAwait(false);
        }

        await write(new(index, new(), null, WritingPlan.ReasonOf(text))).ConfigureAwait(false);
    }

    private async Task<ChatChoice> CollectAsync(SequenceReader reader, int index, bool trims, CancellationToken cancellation)
    {
        var text = new System.Text.StringBuilder();
        await foreach (var piece in reader.ReadAsync(cancellation).ConfigureAwait(false))
            text.Append(piece.Text);
        var content = text.ToString();
        return new(
            index, new(trims ? content.TrimStart() : content), Scores(reader.Sequence, new("", 0, reader.Tokens)), WritingPlan.ReasonOf(reader));
    }

    private ChatScores? Scores(EngineSequence sequence, SequenceText piece)
    {
        if (sequence.Request.Alternatives is null)
            return null;
        var (tokenizer, tokens) = (server.Model.Tokenizer, new List<ChatToken>(piece.Tokens));
        for (var index = piece.FirstToken; index < piece.FirstToken + piece.Tokens; index++)
        {
            var best = sequence.Alternatives(index);
            var top = new ChatAlternative[best.Length];
            for (var rank = 0; rank < top.Length; rank++)
                top[rank] = new(TokenText.Of(tokenizer, best[rank].Token), best[rank].LogProbability, TokenText.Bytes(tokenizer, best[rank].Token));
            var token = sequence.Token(index);
            tokens.Add(new(TokenText.Of(tokenizer, token), sequence.LogProbability(index), TokenText.Bytes(tokenizer, token), top));
        }

        return new(tokens);
    }
}
