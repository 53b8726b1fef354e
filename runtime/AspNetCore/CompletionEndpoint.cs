using GptGen.Serving;
using GptGen.Text;
using Microsoft.AspNetCore.Http;

namespace GptGen.AspNetCore;

/// <summary><c>POST /v1/completions</c>: texts that go on where their prompts end.</summary>
internal sealed class CompletionEndpoint(GptGenServer server)
{
    private const int UsualTokens = 16;

    public async Task AnswerAsync(HttpContext context, RequestRecord record)
    {
        var request = await ApiExchange.ReadAsync(context, ApiJson.Default.CompletionRequest, server.Options).ConfigureAwait(false);
        server.RequireModel(request.Model, writes: true);
        if (request.Suffix is { Length: > 0 })
            throw ApiException.Unsupported("suffix");
        if (request.BestOf is { } best && best != (request.N ?? 1))
            throw ApiException.Unsupported("best_of");
        var echo = request.Echo ?? false;
        var prompts = JsonValues.Texts(request.Prompt, "prompt", server.Model.Tokenizer.Encode);
        // Whoever only wants a prompt's scores asks for no tokens.
        var isScoreOnly = echo && request.MaxTokens == 0;
        var plan = WritingPlan.Of(
            server, request, prompts, isScoreOnly ? 1 : request.MaxTokens ?? UsualTokens, request.Logprobs, echo && request.Logprobs is not null,
            [], trimsStart: false);
        var texts = plan.Start();
        record.Begin(texts);
        var choices = texts.Select((text, index) => new Choice(text, index, server.Model.Tokenizer, echo, isScoreOnly)).ToArray();
        var (id, created, samples) = ($"cmpl-{Guid.NewGuid():N}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), request.N ?? 1);
        if (request.Stream ?? false)
        {
            var stream = new EventStream(context);
            await Task.WhenAll(choices.Select(choice => choice.StreamAsync(
                part => stream.WriteAsync(new(id, created, server.Name, [part]), ApiJson.Default.CompletionAnswer), context.RequestAborted)))
                .ConfigureAwait(false);
            if (request.StreamOptions?.IncludeUsage ?? false)
            {
                await stream.WriteAsync(
                    new(id, created, server.Name, []) { Usage = WritingPlan.UsageOf(texts, samples) }, ApiJson.Default.CompletionAnswer)
                    .ConfigureAwait(false);
            }

            await stream.EndAsync().ConfigureAwait(false);
            return;
        }

        var whole = await Task.WhenAll(choices.Select(choice => choice.CollectAsync(context.RequestAborted))).ConfigureAwait(false);
        await ApiExchange.WriteAsync(
            context, new(id, created, server.Name, whole) { Usage = WritingPlan.UsageOf(texts, samples) }, ApiJson.Default.CompletionAnswer)
            .ConfigureAwait(false);
    }

    /// <summary>One text of the answer.</summary>
    private sealed class Choice(SequenceReader reader, int index, Tokenizer tokenizer, bool echo, bool isScoreOnly)
    {
        private readonly StreamingDecoder offsets = new(tokenizer);
        private int offset;

        public async Task StreamAsync(Func<CompletionChoice, Task> write, CancellationToken cancellation)
        {
            // The prompt's scores are there when the first token is.
            var isFirst = true;
            await foreach (var piece in reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                await write(Part(piece, isFirst, reason: null)).ConfigureAwait(false);
                isFirst = false;
            }

            await write(new("", index, null, WritingPlan.ReasonOf(reader))).ConfigureAwait(false);
        }

        public async Task<CompletionChoice> CollectAsync(CancellationToken cancellation)
        {
            var text = new System.Text.StringBuilder();
            await foreach (var piece in reader.ReadAsync(cancellation).ConfigureAwait(false))
                text.Append(piece.Text);
            return Part(new(text.ToString(), 0, reader.Tokens), isFirst: true, WritingPlan.ReasonOf(reader));
        }

        private CompletionChoice Part(SequenceText piece, bool isFirst, string? reason)
        {
            var sequence = reader.Sequence;
            var prompt = echo && isFirst ? PromptText(sequence) : "";
            var text = isScoreOnly ? prompt : prompt + piece.Text;
            if (sequence.Request.Alternatives is null)
                return new(text, index, null, reason);
            var scores = new CompletionScores([], [], [], []);
            for (var token = 0; echo && isFirst && token < sequence.Request.Prompt.Length; token++)
            {
                var known = token > 0;
                Add(
                    scores, sequence.PromptToken(token), known ? sequence.PromptLogProbability(token) : null,
                    known ? sequence.PromptAlternatives(token) : []);
            }

            for (var token = piece.FirstToken; token < piece.FirstToken + piece.Tokens && !isScoreOnly; token++)
                Add(scores, sequence.Token(token), sequence.LogProbability(token), sequence.Alternatives(token));
            return new(text, index, scores, reason);
        }

        private string PromptText(EngineSequence sequence) => tokenizer.Decode(sequence.Request.Prompt);

        private void Add(CompletionScores scores, int token, double? logProbability, ReadOnlySpan<TokenProbability> best)
        {
            var text = TokenText.Of(tokenizer, token);
            scores.Tokens.Add(text);
            scores.TokenLogprobs.Add(logProbability);
            scores.TextOffset.Add(offset);
            offset += offsets.Append(token).Length;
            if (logProbability is not { } own)
            {
                scores.TopLogprobs.Add(null);
                return;
            }

            var top = new Dictionary<string, double>(best.Length + 1);
            foreach (var other in best)
                top.TryAdd(TokenText.Of(tokenizer, other.Token), other.LogProbability);
            // The token's own entry is always there; of two with one text the more probable stays.
            top.TryAdd(text, own);
            scores.TopLogprobs.Add(top);
        }
    }
}
