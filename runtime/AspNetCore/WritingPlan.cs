using System.Diagnostics;
using GptGen.Serving;
using Microsoft.AspNetCore.Http;

namespace GptGen.AspNetCore;

/// <summary>What a request asks for, checked: the texts to be written.</summary>
internal sealed class WritingPlan
{
    private readonly GptGenServer server;
    private readonly EngineRequest[] requests;

    private WritingPlan(GptGenServer server, EngineRequest[] requests, string[] stops, bool trimsStart) =>
        (this.server, this.requests, Stops, TrimsStart) = (server, requests, stops, trimsStart);

    public string[] Stops { get; }

    public bool TrimsStart { get; }

    /// <summary>Checks what both kinds of requests share.</summary>
    /// <param name="server">The server.</param>
    /// <param name="request">The request.</param>
    /// <param name="prompts">What the texts begin with.</param>
    /// <param name="tokens">The most tokens of each; null for what the context has room for.</param>
    /// <param name="alternatives">Alternatives of each token that are asked for; null for no log probabilities.</param>
    /// <param name="scoresPrompt">Whether those of the prompts are asked for too.</param>
    /// <param name="templateStops">What ends a text beside the request's own stops.</param>
    /// <param name="trimsStart">Whether white space at a text's beginning is left out.</param>
    /// <exception cref="ApiException">Something cannot be.</exception>
    public static WritingPlan Of(
        GptGenServer server, SamplingRequest request, int[][] prompts, int? tokens, int? alternatives, bool scoresPrompt,
        IReadOnlyList<string> templateStops, bool trimsStart)
    {
        Refuse(request.FrequencyPenalty is not (null or 0), "frequency_penalty");
        Refuse(request.PresencePenalty is not (null or 0), "presence_penalty");
        Refuse(request.LogitBias is { Count: > 0 }, "logit_bias");
        Require(request.Temperature is null or (>= 0 and <= 2), "temperature", "a number from 0 to 2");
        Require(request.TopP is null or (>= 0 and <= 1), "top_p", "a number from 0 to 1");
        Require(request.MinP is null or (>= 0 and <= 1), "min_p", "a number from 0 to 1");
        Require(request.TopK is null or >= -1, "top_k", "0 (all tokens) or a positive number");
        Require(request.RepetitionPenalty is null or (> 0 and <= 100), "repetition_penalty", "a positive number; 1 changes nothing");
        Require(request.N is null or (>= 1 and <= 128), "n", "a whole number from 1 to 128");
        Require(tokens is null or >= 1, "max_tokens", "a positive whole number");
        Require(alternatives is null or (>= 0 and <= EngineRequest.MostAlternatives), "logprobs", $"at most {EngineRequest.MostAlternatives}");
        var samples = request.N ?? 1;
        var options = server.Options;
        if ((long)prompts.Length * samples > options.Slots + options.QueueLimit)
        {
            throw ApiException.Invalid(
                $"{prompts.Length} x {samples} texts are asked for at once, but the server takes "
                + $"{options.Slots + options.QueueLimit}: ask for fewer.");
        }

        var seed = request.Seed is { } given ? unchecked((uint)given) : (uint)Random.Shared.NextInt64(uint.MaxValue + 1L);
        var ends = request.StopTokenIds ?? [];
        var requests = prompts.SelectMany(prompt => Enumerable.Range(0, samples).Select(sample => new EngineRequest
        {
            Prompt = prompt,
            Tokens = Room(server, prompt, tokens),
            Sampling = new()
            {
                Temperature = request.Temperature ?? 1,
                TopP = request.TopP is > 0 and var share ? share : request.TopP is null ? 1 : float.Epsilon,
                TopK = Math.Max(0, request.TopK ?? 0),
                MinP = request.MinP ?? 0,
                RepetitionPenalty = request.RepetitionPenalty ?? 1,
                Seed = seed,
            },
            Sample = (uint)sample,
            Alternatives = alternatives,
            ScoresPrompt = scoresPrompt,
            IgnoresEnd = request.IgnoreEos ?? false,
            EndTokens = ends,
            TimeLimit = options.TimeLimit,
        })).ToArray();
        return new(server, requests, [.. templateStops, .. JsonValues.Stops(request.Stop)], trimsStart);

        static void Require(bool valid, string name, string remedy)
        {
            if (!valid)
                throw ApiException.Invalid($"'{name}' is out of range: give {remedy}.", name);
        }

        static void Refuse(bool isAsked, string name)
        {
            if (isAsked)
                throw ApiException.Unsupported(name);
        }
    }

    /// <summary>Hands the texts to the engine, all or none.</summary>
    /// <exception cref="ApiException">There is no room, or a prompt is impossible.</exception>
    public SequenceReader[] Start()
    {
        try
        {
            return [.. server.Engine.Submit(requests).Select(sequence => new SequenceReader(sequence, server.Engine.Tokenizer, Stops))];
        }
        catch (EngineFullException error)
        {
            throw ApiException.Unavailable(StatusCodes.Status429TooManyRequests, "rate_limit_exceeded", error.Message, server.Options.RetryAfter);
        }
        catch (EngineClosedException error)
        {
            throw ApiException.Unavailable(StatusCodes.Status503ServiceUnavailable, "shutting_down", error.Message);
        }
        catch (GptGenException error)
        {
            throw ApiException.Invalid(error.Message);
        }
    }

    /// <summary>What the texts took.</summary>
    public static Usage UsageOf(SequenceReader[] texts, int samples)
    {
        // A prompt counts once for all its samples.
        var prompt = texts.Where((_, index) => index % samples == 0).Sum(static text => text.Sequence.PromptTokens);
        var cached = texts.Where((_, index) => index % samples == 0).Sum(static text => text.Sequence.ReusedTokens);
        var written = texts.Sum(static text => text.Tokens);
        return new(prompt, written, prompt + written, new(cached));
    }

    /// <summary>Why a text ended, as OpenAI says it.</summary>
    public static string ReasonOf(SequenceReader text) => text.IsComplete ? "stop" : "length";

    /// <summary>Seconds between two times of <see cref="Stopwatch"/>.</summary>
    public static double Seconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalSeconds;

    private static int Room(GptGenServer server, int[] prompt, int? tokens)
    {
        var context = server.Model.Writer is SegmentModel ? int.MaxValue : server.Model.Description.Context;
        var most = server.Options.MostTokens ?? int.MaxValue;
        var length = Math.Max(1, prompt.Length);
        if (tokens is { } asked && asked > most)
            throw ApiException.Invalid($"{asked} tokens are asked for, but the server writes at most {most} of a text: ask for fewer.", "max_tokens");
        if (length + (long)(tokens ?? 1) > context)
            throw ApiException.TooLong(length, tokens ?? 1, context);
        // A model without a window would write on for ever.
        const int WithoutEnd = 1024;
        return tokens ?? Math.Min(context == int.MaxValue ? WithoutEnd : context - length, most);
    }
}
