using System.CommandLine;
using GptGen;
using GptGen.Models.Commands;

Processes.UsePlainTerminal();
Screen.Open();
using var interruption = Interruption.Watch();
try
{
    if (args.Length == 0)
        args = ["--help"];
    var root = CommandTree.Create();
    // The library would take any word that begins with @ for a file, a prompt too.
    var parsed = root.Parse(ResponseFile.Expand(args, root), new ParserConfiguration { ResponseFileTokenReplacer = null });
    if (parsed.Errors.Count > 0)
    {
        var command = CommandWork.PathOf(parsed.CommandResult);
        throw new GptGenException($"{string.Join(" ", parsed.Errors.Select(static error => error.Message))} See '{command} --help'.");
    }

    var code = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    Processes.Finish();
    return code;
}
catch (Exception exception)
{
    return Failure.Report(exception);
}
