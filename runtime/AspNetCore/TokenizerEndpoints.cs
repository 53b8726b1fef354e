using Microsoft.AspNetCore.Http;

namespace GptGen.AspNetCore;

/// <summary>What is asked beside the writing: health, models and tokens.</summary>
internal sealed class TokenizerEndpoints(GptGenServer server)
{
    public Task HealthAsync(HttpContext context)
    {
        var health = server.Health;
        return ApiExchange.WriteAsync(
            context, health, ApiJson.Default.HealthAnswer,
            health.Status == "ok" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    public Task ModelsAsync(HttpContext context) =>
        ApiExchange.WriteAsync(context, new([new(server.Name, server.Created)]), ApiJson.Default.ModelList);

    public Task ModelAsync(HttpContext context)
    {
        if (context.Request.RouteValues["id"] is string id && id != server.Name)
        {
            throw new ApiException(
                StatusCodes.Status404NotFound, "invalid_request_error", "model_not_found", $"There is no model '{id}' here.", "model");
        }

        return ApiExchange.WriteAsync(context, new(server.Name, server.Created), ApiJson.Default.ModelAnswer);
    }

    public Task InfoAsync(HttpContext context)
    {
        var tokenizer = server.Model.Tokenizer;
        var end = TokenText.Name(tokenizer, tokenizer.EndOfText);
        return ApiExchange.WriteAsync(
            context,
            new(
                end, TokenText.Name(tokenizer, tokenizer.BeginOfText), end, ChatTemplate: null, tokenizer.VocabularySize,
                server.Model.Description.Context),
            ApiJson.Default.TokenizerInfo);
    }

    public async Task TokenizeAsync(HttpContext context)
    {
        var request = await ApiExchange.ReadAsync(context, ApiJson.Default.TokenizeRequest, server.Options).ConfigureAwait(false);
        if (request.Prompt is not { } prompt)
            throw ApiException.Invalid("'prompt' is needed: a string.", "prompt");
        var tokenizer = server.Model.Tokenizer;
        var tokens = tokenizer.Encode(prompt);
        if ((request.AddSpecialTokens ?? true) && tokenizer.BeginOfText is { } begin && server.Model.Writer is not null)
            tokens = [begin, .. tokens];
        await ApiExchange.WriteAsync(context, new(tokens, tokens.Length, server.Model.Description.Context), ApiJson.Default.TokenizeAnswer)
            .ConfigureAwait(false);
    }

    public async Task DetokenizeAsync(HttpContext context)
    {
        var request = await ApiExchange.ReadAsync(context, ApiJson.Default.DetokenizeRequest, server.Options).ConfigureAwait(false);
        var tokens = request.Tokens ?? throw ApiException.Invalid("'tokens' is needed: a list of whole numbers.", "tokens");
        if (tokens.FirstOrDefault(token => (uint)token >= (uint)server.Model.Tokenizer.VocabularySize, -1) is >= 0 and var unknown)
            throw ApiException.Invalid($"The vocabulary has no token {unknown}.", "tokens");
        if (tokens.Any(static token => token < 0))
            throw ApiException.Invalid("A token is negative.", "tokens");
        await ApiExchange.WriteAsync(context, new(server.Model.Tokenizer.Decode(tokens)), ApiJson.Default.DetokenizeAnswer).ConfigureAwait(false);
    }
}
