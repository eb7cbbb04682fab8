using System.CommandLine;
using Fabric.NodeAgent;

// No time limit of the command line's own after SIGTERM: the host stops in order, and has one.
return await Commands.Root().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
