using System.CommandLine;
using System.Net;
using System.Text;
using GptGen.Files;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen serve</c>: a model behind HTTP, as OpenAI's API.</summary>
internal static class ServeCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var tokenizer = CommonOptions.Tokenizer();
        var host = new Option<string>("--host")
        {
            Description = "The address to listen on; 0.0.0.0 lets other machines ask.",
            DefaultValueFactory = static _ => "127.0.0.1",
            HelpName = "address",
        };
        var port = CommonOptions.Number("--port", "The port; 0 takes a free one.", 8080, 0, IPEndPoint.MaxPort);
        var name = new Option<string?>("--name") { Description = "What clients call the model; its own name without it.", HelpName = "name" };
        var key = new Option<string?>("--api-key-file")
        {
            Description = "A file whose first line clients must send as their API key; without it GPTGEN_API_KEY, or none.",
            HelpName = "file",
        };
        var chat = CommonOptions.Choice(
            "--chat", "How a conversation becomes a prompt: questions are 'Q: …' and 'A: …' in turn, plain adds nothing.", ChatForm.Questions);
        var slots = CommonOptions.Number("--slots", "Texts that are written at once; each takes memory for its context.", 8, 1, 4096);
        var queue = CommonOptions.Number("--queue", "The most texts that wait; further ones are refused with 429.", 64, 0, 1_000_000);
        var tokens = CommonOptions.Number("--most-tokens", "The most tokens that a text may ask for; 0 for what the context holds.", 0, 0);
        var time = CommonOptions.Number("--time-limit", "Seconds that a text may take, waiting included; 0 for as long as it takes.", 600f, 0, 1e6f);
        var body = CommonOptions.Number("--most-body", "The most kilobytes of a request.", 4096, 1, 1 << 20);
        var drain = CommonOptions.Number("--drain", "Seconds that texts have to end when the server is told to.", 30f, 0, 1e6f);
        var device = new DeviceOptions(writes: true);
        var command = new Command("serve", "Serve a model over HTTP, as OpenAI's API.")
        {
            model, weights, tokenizer, host, port, name, key, chat, slots, queue, tokens, time, body, drain,
        };
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            if (!IPAddress.TryParse(result.GetValue(host), out var address))
                throw new GptGenException($"--host is '{result.GetValue(host)}', but must be an address such as 127.0.0.1, ::1 or 0.0.0.0.");
            var request = new ServeRequest(address, result.GetValue(port), result.GetValue(name), ReadKey(result.GetValue(key)))
            {
                IsChatPlain = result.GetValue(chat) == ChatForm.Plain,
                Slots = result.GetValue(slots),
                Queue = result.GetValue(queue),
                MostTokens = result.GetValue(tokens) is > 0 and var most ? most : null,
                MostBodyBytes = result.GetValue(body) << 10,
                TimeLimit = result.GetValue(time) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
                Drain = TimeSpan.FromSeconds(result.GetValue(drain)),
            };
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            if (found.Entry.Kind != ModelKind.Masked)
                found.RequireText();
            var text = found.OpenTokenizer(result.GetValue(tokenizer));
            using var runDevice = device.Open(result);
            // The server's framework is loaded when this is called, and by no other command.
            return ServeWork.Run(request, found, text, runDevice, cancellation);
        });
    }

    private enum ChatForm
    {
        Questions,
        Plain,
    }

    /// <summary>The key: not given on the command line, which every user of the machine can read.</summary>
    private static string? ReadKey(string? path)
    {
        if (path is null)
            return Environment.GetEnvironmentVariable("GPTGEN_API_KEY") is { Length: > 0 } given ? given : null;
        var key = Encoding.UTF8.GetString(TextFile.Read(path, "a file with an API key").Span).Split('\n')[0].Trim();
        return key.Length > 0 ? key : throw new GptGenException($"'{path}' has no key in its first line: write one there.");
    }
}
