# Installs wsgi-express for this user: downloads the binary, checks its SHA-256, puts it into a folder and on PATH.
#
#   irm https://.../install.ps1 | iex
#   powershell -ExecutionPolicy Bypass -File install.ps1 -Version 4.8.0 -To "$HOME\bin"
#
# No administrator is needed. WSGI_EXPRESS_REPOSITORY names another repository on GitHub, OWNER/NAME, for releases of your
# own; WSGI_EXPRESS_RELEASES is the same as -From.
param(
  # A release other than the latest.
  [string] $Version = "latest",
  [string] $To = (Join-Path $env:LOCALAPPDATA "Programs\wsgi-express"),
  # Where the releases are, or a folder with them.
  [string] $From = $env:WSGI_EXPRESS_RELEASES
)

# In a scope of its own: what iex runs would set the preferences of the user's session.
& {
  $ErrorActionPreference = "Stop"
  # The progress bar makes downloads many times slower in Windows PowerShell.
  $ProgressPreference = "SilentlyContinue"

  $repository = if ($env:WSGI_EXPRESS_REPOSITORY) { $env:WSGI_EXPRESS_REPOSITORY } else { "wsgi-express/wsgi-express" }
  if (-not $From) { $From = "https://github.com/$repository/releases" }
  if (-not [Environment]::Is64BitOperatingSystem) { throw "install.ps1: wsgi-express needs 64-bit Windows" }
  # Windows on ARM runs it too, by emulation.
  $name = "wsgi-express-x86_64-pc-windows-msvc.exe"
  $place = if ($Version -eq "latest") { "$From/latest/download" } else { "$From/download/v$($Version -replace '^v', '')" }
  # Windows PowerShell may offer TLS 1.0 at most, which GitHub refuses; 0 is what Windows itself offers.
  if ([int] [Net.ServicePointManager]::SecurityProtocol -ne 0) {
    [Net.ServicePointManager]::SecurityProtocol =
      [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  }

  $temporary = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
  New-Item -ItemType Directory $temporary | Out-Null
  try {
    $sums = Join-Path $temporary "SHA256SUMS"
    $downloaded = Join-Path $temporary $name
    foreach ($target in $downloaded, $sums) {
      $file = Split-Path -Leaf $target
      if ($From -match "^https?:") { Invoke-WebRequest -UseBasicParsing "$place/$file" -OutFile $target }
      else { Copy-Item -LiteralPath (Join-Path $From $file) -Destination $target }
    }
    $line = Get-Content $sums | Where-Object { $_ -match "\s\*?$([regex]::Escape($name))$" } | Select-Object -First 1
    if (-not $line) { throw "install.ps1: SHA256SUMS has no line for $name" }
    $expected = ($line -split "\s")[0]
    $found = (Get-FileHash -Algorithm SHA256 $downloaded).Hash
    if ($found -ne $expected) {
      throw "install.ps1: the checksum of $name is $found and should be $expected`: nothing was installed"
    }
    # Such as a file that was built without a base.
    $said = & $downloaded --version | Out-String
    if ($said -notlike "wsgi-express *") { throw "install.ps1: $name does not run here: nothing was installed" }

    $folder = (New-Item -ItemType Directory -Force $To).FullName.TrimEnd("\")
    $program = Join-Path $folder "wsgi-express.exe"
    Copy-Item -LiteralPath $downloaded -Destination "$program.new"
    # A program that runs can be renamed; it can't be overwritten or removed.
    if (Test-Path -LiteralPath $program) {
      Move-Item -LiteralPath $program -Destination "$program.$([Guid]::NewGuid()).old"
    }
    Move-Item -LiteralPath "$program.new" -Destination $program
    Get-ChildItem -LiteralPath $folder -Filter "wsgi-express.exe.*.old" | Remove-Item -ErrorAction SilentlyContinue
  } finally {
    Remove-Item -Recurse -Force $temporary -ErrorAction SilentlyContinue
  }

  # From the registry as it stands there, so that %USERPROFILE% and the like in it stay what they are.
  $environment = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey("Environment")
  $path = $environment.GetValue("Path", "", [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
  $folders = @($path -split ";" | Where-Object { $_ })
  if (@($folders | ForEach-Object { [Environment]::ExpandEnvironmentVariables($_).TrimEnd("\") }) -notcontains $folder) {
    $longer = ($folders + $folder) -join ";"
    $environment.SetValue("Path", $longer, [Microsoft.Win32.RegistryValueKind]::ExpandString)
    # Removes what isn't there, and tells the running programs that the environment changed, as the registry does not.
    [Environment]::SetEnvironmentVariable("WSGI_EXPRESS_INSTALLED", [NullString]::Value, "User")
    Write-Output "Added $folder to PATH for new terminals"
  }
  $environment.Close()
  Write-Output "Installed $program"
}
