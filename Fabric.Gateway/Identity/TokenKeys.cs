using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary>What an operator does to the keys of tokens.</summary>
public static class TokenKeys
{
    /// <summary>Makes the staged key the one that signs, stages a new one, drops the oldest. Processes that run see it by themselves.
    /// Done twice within a token's lifetime, it ends tokens early.</summary>
    /// <param name="dataDirectory">The cloud's data directory, with settings at their defaults.</param>
    public static void Rotate(string dataDirectory) =>
        new FernetKeys(Options.Create(new IdentityOptions { DataDirectory = dataDirectory })).Rotate();
}
