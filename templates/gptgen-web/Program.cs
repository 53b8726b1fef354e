using GptGen;
using GptGen.Checkpoints;
using GptGen.Extensions.AI;
using GptGen.Generation;
using GptGen.Text;
using Microsoft.Extensions.AI;

var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration["weights"] is not { } weights)
{
    Console.Error.WriteLine("Name a model: dotnet run -c Release -- --weights FOLDER|FILE, such as runs/my-gpt of 'dotnet new gptgen'.");
    return 1;
}

try
{
    // new CudaDevice() computes on an NVIDIA GPU.
    using var device = new CpuDevice();
    using var model = MyGpt.Create(device);
    ModelCheckpoint.Load(model, weights, Console.Error.WriteLine);
    var tokenizer = Tokenizer.OpenFor(weights, Console.Error.WriteLine) ?? Tokenizer.Open(model.Description.Tokenizer ?? "gpt2");
    // Questions and answers; ChatTemplate.Completion goes on where the text ends. Any other IChatClient does here too.
    builder.Services.AddSingleton<IChatClient>(new GptChatClient(new TextGenerator(model, tokenizer), ChatTemplate.QuestionAnswer));
    var app = builder.Build();
    app.UseDefaultFiles();
    app.UseStaticFiles();
    app.MapPost("/chat", Answer);
    app.Run();
    return 0;
}
catch (GptGenException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

// The answer as it is written, piece by piece; a page that is closed ends it.
static async Task Answer(Turn[] turns, IChatClient chat, HttpResponse response, CancellationToken closed)
{
    response.ContentType = "text/plain; charset=utf-8";
    var messages = turns.Select(turn => new ChatMessage(turn.IsOurs ? ChatRole.Assistant : ChatRole.User, turn.Text));
    var options = new ChatOptions { Temperature = 0.8f, MaxOutputTokens = 80 };
    await foreach (var update in chat.GetStreamingResponseAsync(messages, options, closed))
    {
        await response.WriteAsync(update.Text, closed);
        await response.Body.FlushAsync(closed);
    }
}

/// <summary>One message of the conversation.</summary>
/// <param name="IsOurs">Whether the model wrote it.</param>
/// <param name="Text">What it says.</param>
internal sealed record Turn(bool IsOurs, string Text);
