using GptGen.Extensions.AI;

namespace GptGen.AspNetCore;

/// <summary>What a server offers, and its limits.</summary>
public sealed record GptGenServerOptions
{
    /// <summary>The name by which clients ask for the model; the model's own unless set.</summary>
    public string? ModelName { get; set; }

    /// <summary>Whoever asks must send this as <c>Authorization: Bearer …</c>; null lets everybody ask.</summary>
    public string? ApiKey { get; set; }

    /// <summary>How a conversation becomes a prompt.</summary>
    public ChatTemplate ChatTemplate { get; set; } = ChatTemplate.QuestionAnswer;

    /// <summary>Texts that are written at once; each takes a slot of the key/value cache.</summary>
    public int Slots { get; set; } = 8;

    /// <summary>The most texts that wait for a slot; further requests get 429.</summary>
    public int QueueLimit { get; set; } = 64;

    /// <summary>The most tokens that one text may ask for; null for as many as the context holds.</summary>
    public int? MostTokens { get; set; }

    /// <summary>The most bytes of a request's body.</summary>
    public int MostBodyBytes { get; set; } = 4 << 20;

    /// <summary>How long a request's body may take to arrive.</summary>
    public TimeSpan BodyTimeLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a text may take, waiting included; null for as long as it takes.</summary>
    public TimeSpan? TimeLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>When a client that found the queue full may ask again.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether <c>GET /</c> answers with a page on which people try the model: chat, completion, probabilities. Its files lie below
    /// <c>/playground</c>; it asks for the key where there is one, and needs no other address.
    /// </summary>
    public bool HasPlayground { get; set; }

    /// <summary>Checks every number.</summary>
    /// <exception cref="GptGenException">One is out of range.</exception>
    public void Validate()
    {
        Require(MostTokens is null or > 0, nameof(MostTokens), MostTokens);
        Require(MostBodyBytes > 0, nameof(MostBodyBytes), MostBodyBytes);
        Require(BodyTimeLimit > TimeSpan.Zero, nameof(BodyTimeLimit), BodyTimeLimit);
        Require(TimeLimit is null || TimeLimit > TimeSpan.Zero, nameof(TimeLimit), TimeLimit);
        Require(ApiKey is not "", nameof(ApiKey), "empty");
    }

    private static void Require(bool valid, string name, object? value)
    {
        if (!valid)
            throw new GptGenException($"The server's {name} is {value}: give a value above 0, or none where there may be none.");
    }
}
