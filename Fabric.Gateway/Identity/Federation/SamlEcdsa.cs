using System.Security.Cryptography;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Signatures of XML by elliptic curves (RFC 6931), which .NET's own <c>SignedXml</c> lacks.</summary>
internal static class SamlEcdsa
{
    private const string Space = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-";

    /// <summary>Their names in documents.</summary>
    internal static readonly string[] Methods = Register();

    private static string[] Register()
    {
        CryptoConfig.AddAlgorithm(typeof(EcdsaSha256Description), Space + "sha256");
        CryptoConfig.AddAlgorithm(typeof(EcdsaSha384Description), Space + "sha384");
        CryptoConfig.AddAlgorithm(typeof(EcdsaSha512Description), Space + "sha512");
        return [Space + "sha256", Space + "sha384", Space + "sha512"];
    }
}

/// <summary>A signature by an elliptic curve; <c>SignedXml</c> makes one by its name.</summary>
public abstract class EcdsaDescription : SignatureDescription
{
    private protected EcdsaDescription() => KeyAlgorithm = typeof(ECDsa).AssemblyQualifiedName;

    /// <inheritdoc/>
    public override AsymmetricSignatureDeformatter CreateDeformatter(AsymmetricAlgorithm key)
    {
        var deformatter = new Deformatter();
        deformatter.SetKey(key);
        return deformatter;
    }

    /// <inheritdoc/>
    public override AsymmetricSignatureFormatter CreateFormatter(AsymmetricAlgorithm key)
    {
        var formatter = new Formatter();
        formatter.SetKey(key);
        return formatter;
    }

    // The hash is made before; a signature is two numbers side by side.
    private sealed class Deformatter : AsymmetricSignatureDeformatter
    {
        private ECDsa? curve;

        public override void SetKey(AsymmetricAlgorithm key) => curve = (ECDsa)key;

        public override void SetHashAlgorithm(string strName)
        {
        }

        public override bool VerifySignature(byte[] rgbHash, byte[] rgbSignature) =>
            curve?.VerifyHash(rgbHash, rgbSignature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) == true;
    }

    private sealed class Formatter : AsymmetricSignatureFormatter
    {
        private ECDsa? curve;

        public override void SetKey(AsymmetricAlgorithm key) => curve = (ECDsa)key;

        public override void SetHashAlgorithm(string strName)
        {
        }

        public override byte[] CreateSignature(byte[] rgbHash) =>
            curve!.SignHash(rgbHash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

/// <summary>With SHA-256.</summary>
public sealed class EcdsaSha256Description : EcdsaDescription
{
    /// <inheritdoc/>
    public override HashAlgorithm CreateDigest() => SHA256.Create();
}

/// <summary>With SHA-384.</summary>
public sealed class EcdsaSha384Description : EcdsaDescription
{
    /// <inheritdoc/>
    public override HashAlgorithm CreateDigest() => SHA384.Create();
}

/// <summary>With SHA-512.</summary>
public sealed class EcdsaSha512Description : EcdsaDescription
{
    /// <inheritdoc/>
    public override HashAlgorithm CreateDigest() => SHA512.Create();
}
