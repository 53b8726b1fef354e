using System.Diagnostics;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>
/// Two hosts on this machine: network namespaces with a cable between them and names of their own. A script stands in for ssh. Needs root, and is
/// gone when disposed of.
/// </summary>
internal sealed class TwoHosts : IDisposable
{
    private const string FirstAddress = "10.77.14.1";
    private const string SecondAddress = "10.77.14.2";

    private readonly string first = $"gg{Environment.ProcessId}a";
    private readonly string second = $"gg{Environment.ProcessId}b";
    private readonly string agent;

    private TwoHosts(TemporaryFolder folder)
    {
        agent = folder.Write("agent.sh", $"#!/bin/sh\nshift\nexec ip netns exec {second} unshare --uts sh -c \"hostname {second}; $*\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(agent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Lays the cable; skips the test where this machine does not allow it, and says so.</summary>
    public static TwoHosts Connect(TemporaryFolder folder)
    {
        var hosts = new TwoHosts(folder);
        try
        {
            foreach (var host in (string[])[hosts.first, hosts.second])
                Ip("netns", "add", host);
            Ip("link", "add", hosts.first, "netns", hosts.first, "type", "veth", "peer", "name", hosts.second, "netns", hosts.second);
            foreach (var (host, address) in ((string, string)[])[(hosts.first, FirstAddress), (hosts.second, SecondAddress)])
            {
                Ip("-n", host, "addr", "add", $"{address}/24", "dev", host);
                Ip("-n", host, "link", "set", host, "up");
                Ip("-n", host, "link", "set", "lo", "up");
            }

            return hosts;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            hosts.Dispose();
            Assert.Skip($"Two network namespaces cannot be made here ({error.Message.Trim()}): two hosts are not tested.");
            throw;
        }
    }

    /// <summary>
    /// The words that start a program as two processes, one on each host. Nothing goes through the memory that both hosts share here.
    /// </summary>
    public string[] Words(string launcher, params string[] program) => Words(launcher, isFirstAway: false, program);

    /// <summary>The same, where the launcher's host may have the second process in the place of the first.</summary>
    public string[] Words(string launcher, bool isFirstAway, string[] program)
    {
        var (one, two) = isFirstAway ? (SecondAddress, FirstAddress) : (FirstAddress, SecondAddress);
        string[] words = launcher == Launcher.OpenMpi
            ?
            [
                launcher, "-n", "2", "--host", $"{one}:1,{two}:1", "--mca", "plm_rsh_agent", agent, "--mca", "pml", "ob1",
                "--mca", "btl", "self,tcp", .. program,
            ]
            : [launcher, "-n", "2", "-hosts", $"{one},{two}", "-launcher", "rsh", "-launcher-exec", agent, .. program];
        return
        [
            "ip", "netns", "exec", first, "unshare", "--uts", "sh", "-c", $"hostname {first}; export UCX_TLS=self,tcp; exec \"$@\"", "sh", .. words,
        ];
    }

    /// <summary>Cuts the cable.</summary>
    public void Cut() => Ip("-n", first, "link", "set", first, "down");

    /// <summary>Takes both hosts away.</summary>
    public void Dispose()
    {
        foreach (var host in (string[])[first, second])
        {
            if (File.Exists($"/run/netns/{host}"))
                Ip("netns", "del", host);
        }
    }

    private static void Ip(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", words) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"ip {string.Join(' ', words)}: {error}");
    }
}
