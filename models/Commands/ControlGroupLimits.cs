using System.Globalization;

namespace GptGen.Models.Commands;

/// <summary>The limits of memory that Linux's control groups set, of version 1 and 2: of this process's own group and of each around it.</summary>
internal static class ControlGroupLimits
{
    /// <summary>Every limit, in bytes.</summary>
    /// <param name="root">The folder in which the system shows itself.</param>
    internal static IEnumerable<long> Of(string root)
    {
        var groups = SystemFile.Lines(root, "proc/self/cgroup").Select(static line => line.Split(':', 3)).Where(static parts => parts.Length == 3)
            .ToList();
        foreach (var (mountRoot, mountPoint, isSecond) in Mounts(root))
        {
            var group = groups.Find(parts => isSecond ? parts[0] == "0" : parts[1].Split(',').Contains("memory"))?[2];
            if (group is null)
                continue;
            // Within a container the mount may begin at the container's own group.
            var inside = group == mountRoot ? ""
                : mountRoot == "/" ? group
                : group.StartsWith(mountRoot + "/", StringComparison.Ordinal) ? group[mountRoot.Length..]
                : "";
            foreach (var folder in Upwards(inside.Trim('/')))
            {
                var file = Path.Combine(mountPoint.TrimStart('/'), folder, isSecond ? "memory.max" : "memory.limit_in_bytes");
                // "max" stands for none.
                if (SystemFile.Lines(root, file) is [var text, ..]
                    && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
                    yield return bytes;
            }
        }
    }

    /// <summary>Where the groups that count memory are mounted: the group at the mount's root, its folder, and whether it is version 2.</summary>
    private static IEnumerable<(string Root, string Folder, bool IsSecond)> Mounts(string root)
    {
        foreach (var line in SystemFile.Lines(root, "proc/self/mountinfo"))
        {
            // 36 35 98:0 /root /folder options [more…] - type source options
            if (line.Split(" - ", 2) is not [var before, var after])
                continue;
            var (fields, type) = (before.Split(' '), after.Split(' '));
            if (fields.Length < 5 || type.Length < 3)
                continue;
            if (type[0] == "cgroup2" || (type[0] == "cgroup" && type[2].Split(',').Contains("memory")))
                yield return (fields[3], fields[4], type[0] == "cgroup2");
        }
    }

    /// <summary>A folder and each around it, the outermost as an empty name.</summary>
    private static IEnumerable<string> Upwards(string folder)
    {
        for (; folder.Length > 0; folder = Path.GetDirectoryName(folder) ?? "")
        {
            // A name such as "..", of a group outside what is mounted, leads nowhere.
            if (!folder.Split('/').Contains(".."))
                yield return folder;
        }

        yield return "";
    }
}
