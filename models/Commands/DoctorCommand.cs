using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GptGen.Distributed;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen doctor</c>: what this machine has for CUDA, or what is missing and how to get it.</summary>
internal static class DoctorCommand
{
    internal static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command(
            "doctor", "Test whether the GPU can be used, and say what is missing. Ends with 0 when it can, with 1 when not. Lists MPI libraries too.")
        {
            json,
        };
        command.SetAction(result =>
        {
            var diagnosis = CudaDiagnosis.Run();
            var libraries = MpiReport.Run();
            if (result.GetValue(json))
                WriteJson(diagnosis, libraries);
            else
                WriteText(diagnosis, libraries);
            return diagnosis.Usable ? 0 : 1;
        });
        return command;
    }

    private static void WriteText(CudaDiagnosis diagnosis, IReadOnlyList<MpiReport> processes)
    {
        if (diagnosis.CudaVersion is { } version)
            Console.WriteLine($"driver: {diagnosis.DriverVersion ?? "version not known"}, runs CUDA {version}");
        IReadOnlyList<string> places = [];
        foreach (var library in diagnosis.Libraries)
        {
            WriteLibrary(library, places);
            places = library.Path is null ? library.Places : places;
        }

        foreach (var gpu in diagnosis.Gpus)
            WriteGpu(gpu);
        Console.WriteLine(
            $"compiled kernels: {diagnosis.KernelCache ?? $"not kept, so that each start compiles them: {diagnosis.KernelCacheProblem}"}");
        foreach (var mpi in processes)
        {
            Console.WriteLine(mpi.Path is { } path
                ? $"{mpi.Name}: {mpi.Version}, {path} (for {mpi.Launcher})"
                : $"{mpi.Name}: not found, which only several processes need ({mpi.Remedy}). Looked for {string.Join(", ", mpi.Files)}");
        }

        Console.WriteLine();
        Console.WriteLine(Said(diagnosis.Problem) ?? "CUDA can be used.");
    }

    private static string? Said(string? problem) => problem is null ? null : CommandLineText.Of(problem);

    /// <summary>A library as it was found, or how to get it.</summary>
    /// <param name="library">Which.</param>
    /// <param name="before">The places that were listed last, which are not listed a second time.</param>
    private static void WriteLibrary(CudaLibraryReport library, IReadOnlyList<string> before)
    {
        if (library.Path is { } path)
        {
            Console.WriteLine($"{library.Name}: {(library.Version is { } version ? $"{version}, " : "")}{path}");
            WriteRefused(library);
            return;
        }

        var isSame = library.Places.SequenceEqual(before);
        Console.WriteLine($"{library.Name}: not found. {library.Remedy}");
        Console.WriteLine($"  Looked for {string.Join(", ", library.Files)} in{(isSame ? " the same places." : "")}");
        foreach (var place in isSame ? [] : library.Places)
            Console.WriteLine($"    {place}{(Path.IsPathRooted(place) && !Directory.Exists(place) ? " (no such folder)" : "")}");
        WriteRefused(library);
    }

    private static void WriteRefused(CudaLibraryReport library)
    {
        foreach (var refused in library.Refused)
            Console.WriteLine($"  cannot be used: {refused}");
    }

    private static void WriteGpu(CudaGpuReport gpu)
    {
        var free = gpu.FreeBytes is { } bytes ? $", {Gigabytes(bytes)} GB free" : "";
        Console.WriteLine(
            $"GPU {gpu.Ordinal}: {gpu.Name}, compute capability {gpu.ComputeCapability}, {Gigabytes(gpu.MemoryBytes)} GB{free}, "
            + $"{gpu.Multiprocessors} multiprocessors");
        Console.WriteLine($"  {Said(gpu.Problem) ?? "a kernel and a matrix product gave the right results"}");
    }

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("N1", CultureInfo.InvariantCulture);

    private static void WriteJson(CudaDiagnosis diagnosis, IReadOnlyList<MpiReport> processes)
    {
        using var output = Screen.OpenOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteBoolean("usable", diagnosis.Usable);
        writer.WriteString("problem", Said(diagnosis.Problem));
        writer.WriteString("driver", diagnosis.DriverVersion);
        writer.WriteString("cuda", diagnosis.CudaVersion);
        writer.WriteString("kernel_cache", diagnosis.KernelCache);
        writer.WriteString("kernel_cache_problem", diagnosis.KernelCacheProblem);
        writer.WriteStartArray("libraries");
        foreach (var library in diagnosis.Libraries)
        {
            writer.WriteStartObject();
            writer.WriteString("name", library.Name);
            writer.WriteString("path", library.Path);
            writer.WriteString("version", library.Version);
            WriteStrings(writer, "files", library.Files);
            WriteStrings(writer, "places", library.Places);
            WriteStrings(writer, "refused", library.Refused);
            writer.WriteString("remedy", library.Remedy);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("gpus");
        foreach (var gpu in diagnosis.Gpus)
        {
            writer.WriteStartObject();
            writer.WriteNumber("ordinal", gpu.Ordinal);
            writer.WriteString("name", gpu.Name);
            writer.WriteString("compute_capability", gpu.ComputeCapability);
            writer.WriteNumber("memory_bytes", gpu.MemoryBytes);
            if (gpu.FreeBytes is { } free)
                writer.WriteNumber("free_bytes", free);
            writer.WriteNumber("multiprocessors", gpu.Multiprocessors);
            writer.WriteString("problem", Said(gpu.Problem));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("mpi");
        foreach (var mpi in processes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", mpi.Name);
            writer.WriteString("path", mpi.Path);
            writer.WriteString("version", mpi.Version);
            WriteStrings(writer, "files", mpi.Files);
            writer.WriteString("remedy", mpi.Remedy);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        output.WriteByte((byte)'\n');
    }

    private static void WriteStrings(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
